"""How wide texts are on a terminal, and long lines broken between words rather than inside them."""

from __future__ import annotations

import re
import shutil
from typing import TextIO
from unicodedata import combining, east_asian_width

ANSI = re.compile(r"\x1b\[[0-9;]*m")
_COLUMN = re.compile(r"(?:\s{2,}|^! )(?=\S)")
_COMMAND = re.compile(r"\s*\(?(?:type: )?sweeper ")
"""Lines that are copied as they stand: the terminal alone breaks them."""
_HINT = re.compile(r" (?=\((?:.*; )?(?:type|such as): sweeper )")


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal: two for a wide character, none for a combining one."""
    bare = ANSI.sub("", text)
    if bare.isascii():
        return len(bare)
    return sum(0 if combining(one) else 1 + (east_asian_width(one) in "WF") for one in bare)


def for_terminal(text: str, stream: TextIO) -> str:
    """The text with its long lines broken, where the stream is a terminal; anywhere else as it is."""
    if not text or not stream.isatty():
        return text
    return wrapped(text, shutil.get_terminal_size().columns)


def wrapped(text: str, width: int) -> str:
    """Lines of at most `width` columns, broken at blanks; what goes on stands below the line's last column.

    Commands stay whole, and so does a word that is longer than a line.
    """
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int) -> list[str]:
    """A line, or an error and on a line of its own what to type."""
    if line.startswith("error: ") and width_of(line) > width and (hint := _HINT.search(line)):
        return [*_broken(line[: hint.start()], width), *_broken(f"  {line[hint.end() :]}", width)]
    return _broken(line, width)


def _broken(line: str, width: int) -> list[str]:
    bare = ANSI.sub("", line)
    if width_of(line) <= width or _COMMAND.match(bare):
        return [line]
    places = [width_of(bare[: found.end()]) for found in _COLUMN.finditer(bare)]
    indent = max((place for place in places if place <= width // 2), default=0)
    lines, room = [""], width
    for piece in re.findall(r"\s*\S+", line):
        if width_of(lines[-1] + piece) > room and ANSI.sub("", lines[-1]).strip():
            lines.append(" " * indent + piece.lstrip())
        else:
            lines[-1] += piece
    return lines
