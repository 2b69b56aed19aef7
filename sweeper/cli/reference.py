"""Every command's help as Markdown, for docs/reference/commands.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

WIDTH = 88
"""Columns of the help texts, whatever the terminal has."""


def reference() -> str:
    """One section a command, in the order of ``sweeper --help``, each with its help as it is shown."""
    from sweeper.cli.app import app

    sections = [
        f"## {path}\n\n```text\n{text}\n```" for path, text in _helps(typer.main.get_command(app), "sweeper", None)
    ]
    return "\n\n".join(sections) + "\n"


def _helps(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    """The path and the help of a command, then of those below it."""
    with command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH) as context:
        yield context.command_path, context.get_help().rstrip()
        for below, child in getattr(command, "commands", {}).items():
            yield from _helps(child, below, context)
