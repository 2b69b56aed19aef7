"""Reports on disk: one folder each, replaced as a whole; what was there before is kept if it said something else."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sweeper.report.documents.html import to_html
from sweeper.report.documents.markdown import PICTURES, markdown_text
from sweeper.report.documents.model import Document, figures
from sweeper.system.files import temporary_folder, write_whole

EARLIER = "_earlier"
"""Beside the reports: the folder of those that were replaced, by name and time."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where a report is: its folder and the files to open; `earlier` is where the one before it went, if it did."""

    folder: Path
    html: Path
    markdown: Path
    json: Path
    earlier: Path | None = None


def publish(document: Document, reports: Path, name: str, data: Mapping[str, Any]) -> Published:
    """Write a report as HTML, Markdown, PNG and JSON to a folder of its own in `reports`.

    A report is derived from records and can be made again, so the newest has the plain name. An earlier
    one of that name with other content is moved to ``_earlier/NAME/TIME``, never overwritten; with the
    same content nothing is written. The new folder is filled beside the old one and then takes its place.
    """
    content = _contents(document, data)
    folder = reports / folder_name(name)
    earlier = None
    if not _holds(folder, content):
        reports.mkdir(parents=True, exist_ok=True)
        with temporary_folder(reports, f".{folder.name[:40]}") as made:
            for path, body in content.items():
                write_whole(made / path, body)
            made.chmod(0o755)
            earlier = _set_aside(folder, reports)
            made.replace(folder)
        _sync(reports)
    return Published(folder, folder / "report.html", folder / "report.md", folder / "report.json", earlier)


def rename(reports: Path, old: str, new: str) -> Path | None:
    """Move a report, and the earlier ones of its name, to another name; its folder, None where there is none."""
    for folder in (reports / EARLIER, reports):
        source, target = folder / folder_name(old), folder / folder_name(new)
        if source.is_dir() and folder == reports:
            _set_aside(target, reports)
        if source.is_dir():
            _merge(source, target)
    return found if (found := reports / folder_name(new)).is_dir() else None


def folder_name(name: str) -> str:
    """A folder's name that leads nowhere else; a name that had to be changed ends in a few digits of its own hash."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:80]
    if name and plain == name:
        return name
    return f"{plain or 'report'}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"


def _contents(document: Document, data: Mapping[str, Any]) -> dict[str, bytes]:
    content = {f"{PICTURES}/{name}.png": figure.png for name, figure in figures(document).items()}
    content["report.md"] = markdown_text(document).encode("utf-8", "replace")
    content["report.json"] = (json.dumps(_finite(data), indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    content["report.html"] = to_html(document).encode("utf-8", "replace")
    return content


def _holds(folder: Path, content: Mapping[str, bytes]) -> bool:
    if not folder.is_dir():
        return False
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return there.keys() == content.keys() and all(path.read_bytes() == content[name] for name, path in there.items())


def _set_aside(folder: Path, reports: Path) -> Path | None:
    if not folder.exists():
        return None
    written = datetime.fromtimestamp(folder.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S")
    aside = reports / EARLIER / folder.name / written
    copy = 2
    while aside.exists():
        aside, copy = aside.with_name(f"{written}-{copy}"), copy + 1
    aside.parent.mkdir(parents=True, exist_ok=True)
    folder.replace(aside)
    return aside


def _merge(source: Path, target: Path) -> None:
    """Move a folder; where there is one already, what is in it beside that."""
    if not target.exists():
        source.replace(target)
        return
    for path in source.iterdir():
        place, copy = target / path.name, 2
        while place.exists():
            place, copy = target / f"{path.name}-{copy}", copy + 1
        path.replace(place)
    source.rmdir()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: null stands for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
