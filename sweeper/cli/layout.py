"""Tables that fit the terminal, and moments as they are shown in them."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence

from sweeper.cli.render import cell, dim, table, width_of, wrapped


def fitted(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    more: str = "the rest is in --output FILE.csv",
    *,
    cut: bool = True,
) -> str:
    """A table without its empty columns that is no wider than the terminal; into a file or a pipe goes all of it.

    Long texts are cut first, unless `cut` says no, then columns from the right, which a line below names.
    """
    values = [list(row) for row in rows]
    kept = [i for i in range(len(columns)) if any(cell(row[i]) for row in values)] or list(range(len(columns)))
    names, values = [columns[i] for i in kept], [[row[i] for i in kept] for row in values]
    width = _terminal()
    if not width or _width(names, values) <= width:
        return table(names, values)
    values = _cut(names, values, width) if cut else values
    dropped: list[str] = []
    while _width(names, values) > width and len(names) > 2:
        dropped.insert(0, names.pop())
        values = [row[:-1] for row in values]
    left = f"not shown: {', '.join(dropped)}; {more}"
    return table(names, values) + (f"\n{dim(wrapped(left, width))}" if dropped else "")


def fits(text: str) -> bool:
    """Whether no line is wider than the terminal; into a file or a pipe goes any."""
    width = _terminal()
    return not width or max(map(width_of, text.split("\n"))) <= width


def _terminal() -> int:
    """Columns of the terminal; 0 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else 0


def shorten(text: str, width: int) -> str:
    """The text, or as much of it as there is room for."""
    return text if len(text) <= width else text[: max(width - 3, 1)] + "..."


def ago(moment: float | None) -> str:
    """How long ago a moment was, or its day where that says more."""
    if moment is None:
        return ""
    past = max(0.0, time.time() - moment)
    if past < 90:
        return f"{past:.0f} s ago"
    if past < 5400:
        return f"{past / 60:.0f} min ago"
    return f"{past / 3600:.0f} h ago" if past < 86400 else time.strftime("%Y-%m-%d", time.localtime(moment))


def _width(names: Sequence[str], values: Sequence[Sequence[object]]) -> int:
    cells = [[cell(value) for value in row] for row in values]
    return sum(max(map(width_of, column)) for column in zip(names, *cells, strict=True)) + 2 * (len(names) - 1)


LEAST = 16
"""Characters of a text that are left, at least."""


def _cut(names: Sequence[str], values: list[list[object]], width: int) -> list[list[object]]:
    """Texts that are longer than need be, the widest column first; names, in the first column, stay whole."""
    for _ in names:
        over = _width(names, values) - width
        lengths = [_longest(column) for column in zip(*values, strict=True)]
        widest = max(range(1, len(names)), key=lambda i: lengths[i], default=0)
        if over <= 0 or not widest or lengths[widest] <= max(LEAST, len(names[widest])):
            break
        room = max(LEAST, len(names[widest]), lengths[widest] - over)
        values = [[_room(value, room if i == widest else 0) for i, value in enumerate(row)] for row in values]
    return values


def _longest(column: Iterable[object]) -> int:
    return max((width_of(value) for value in column if isinstance(value, str)), default=0)


def _room(value: object, room: int) -> object:
    """A text in so much room: its first clause where more than that would be a stump of the second."""
    if not room or not isinstance(value, str):
        return value
    first, more, _ = value.partition("; ")
    return f"{first}..." if more and len(first) + 3 <= room < len(value) else shorten(value, room)
