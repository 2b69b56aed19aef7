"""The README as a package index shows it: a link to a file of the project becomes the file's path, in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LOCAL = re.compile(r"!?\[([^\]]*)\]\((?![a-z][a-z0-9+.-]*:)([^)\s]+)\)")
_NOTE = "Files that are named here lie in the project's source archive.\n"


class ReadmeHook(MetadataHookInterface):
    """What hatchling asks for the readme of a wheel and of a source archive."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the readme into the metadata; in the checkout and in the source archive it stays as it is."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": f"{_LOCAL.sub(_named, text)}\n{_NOTE}"}


def _named(link: re.Match[str]) -> str:
    words, target = link.groups()
    return words if target.startswith((words, "#")) else f"{words} ({target})"
