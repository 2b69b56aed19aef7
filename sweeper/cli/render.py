"""Documents on standard output: one JSON document, or plain text that fits a terminal, its long lines broken."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TextIO
from unicodedata import combining, east_asian_width

import typer

from sweeper.cli.streams import ReaderGoneError, abandon
from sweeper.errors import SweeperError

_NUMBER = re.compile(r"|[-+]?[\d,]*\.?\d+(e[-+]?\d+)?")

_LONG = re.compile(r"\d*\.\d{4,}(e[-+]?\d+)?|\d\.\d+e[-+]?\d+")
"""A number with more digits than are worth reading."""

ANSI = re.compile(r"\x1b\[[0-9;]*m")
_COLUMN = re.compile(r"(?:\s{2,}|^! )(?=\S)")
_COMMAND = re.compile(r"\s*\(?(?:type: )?sweeper ")
"""Lines that are copied as they stand: the terminal alone breaks them."""
_HINT = re.compile(r" (?=\((?:.*; )?(?:type|such as): sweeper )")


class OutputError(SweeperError):
    """Standard output cannot be written, so that even this has to be said elsewhere."""


def emit(document: object, text: str | Callable[[], str], *, as_json: bool) -> None:
    """Write `document` as JSON, or else `text` (made only when it is wanted), to standard output.

    Raises:
        OutputError: it cannot be written, as where the disk under a redirection is full.
    """
    if as_json:
        # Plain ASCII, which every stream can carry and every reader takes.
        line = json.dumps(plain(document), allow_nan=False, indent=2 if sys.stdout.isatty() else None)
    else:
        line = text if isinstance(text, str) else text()
        line = for_terminal(line if colour(sys.stdout) else ANSI.sub("", line), sys.stdout)
    try:
        sys.stdout.write(line + "\n" if line else "")
        sys.stdout.flush()
    except ReaderGoneError:
        raise
    except OSError as error:
        abandon(sys.stdout)
        raise OutputError(f"standard output cannot be written: {error.strerror}") from error


def note(text: str) -> None:
    """A line for the person at the terminal, on standard error."""
    sys.stderr.write(for_terminal(text if colour(sys.stderr) else ANSI.sub("", text), sys.stderr) + "\n")
    sys.stderr.flush()


def plain(value: object) -> Any:
    """`value` as JSON knows it: NaN and infinity become null, tuples lists, and what JSON does not know its text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    # NumPy's numbers are none of these, but know how to become Python's.
    return plain(value.item()) if hasattr(value, "item") else str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under their headings, two spaces apart; columns of numbers are aligned to the right."""
    values = [list(row) for row in rows]
    cells = [[cell(value) for value in row] for row in values]
    right = [all(_is_number(row[i]) for row in values) and bool(values) for i in range(len(columns))]
    widths = [max(width_of(text) for text in column) for column in zip(columns, *cells, strict=True)]
    lines = [bold(_line(columns, widths, right))]
    return "\n".join(lines + [_line(row, widths, right) for row in cells])


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Names and values, one pair a line, the values aligned; pairs with an empty value are left out."""
    shown = [(name, cell(value)) for name, value in pairs]
    shown = [(name, value) for name, value in shown if value]
    width = max((len(name) for name, _ in shown), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown)


def cell(value: object) -> str:
    """A value as a person reads it: four significant digits, nothing for None."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return number(value)
        case Mapping():
            return " ".join(f"{key}={cell(item)}" for key, item in value.items())
        case list() | tuple():
            return "[" + ", ".join(cell(item) for item in value) + "]"
    return str(value)


def number(value: float, digits: int = 4) -> str:
    """`digits` significant digits, trailing zeros kept out: 0.0123, 1.5e-06, 5000."""
    if math.isfinite(value) and abs(value) >= 10**digits and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def own_overrides(overrides: Iterable[str], fixed: Collection[str] = ()) -> str:
    """What tells a trial from the others: its overrides but for the fixed ones, in digits worth reading."""
    own = (override for override in overrides if override not in fixed)
    return " ".join(_LONG.sub(lambda found: number(float(found[0])), override) for override in own)


def seconds(value: float, *, whole: bool = False) -> str:
    """A duration, as precise as is useful: ``0.42 s``, ``12.3 s``, ``4 min 05 s``, ``2 h 07 min``; or ``12 s``."""
    if whole and value < 59.5:
        return f"{value:.0f} s"
    if value < 10:
        return f"{value:.2f} s"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def bold(text: str) -> str:
    """`text` in bold, where colours are shown at all."""
    return typer.style(text, bold=True)


def dim(text: str) -> str:
    """`text` in a fainter colour, where colours are shown at all."""
    return typer.style(text, dim=True)


def warn(text: str) -> str:
    """`text` so that it is not overlooked, where colours are shown at all."""
    return typer.style(text, fg="yellow", bold=True)


def colour(stream: TextIO) -> bool:
    """Whether to colour: only on a terminal, and not where NO_COLOR asks for none (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


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
    indent = max((place for place in places if place <= width * 2 // 3), default=0)
    last = max(places, default=0)  # a column that begins so far right is left whole, below the one before it
    lines, room = [""], width
    for piece in re.findall(r"\s*\S+", line):
        begins = width_of(lines[-1] + piece) - width_of(piece.lstrip())
        below = len(lines) == 1 and begins == last > indent
        if (below or width_of(lines[-1] + piece) > room) and ANSI.sub("", lines[-1]).strip():
            lines.append(" " * indent + piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    pads = [" " * (width - width_of(text)) for text, width in zip(texts, widths, strict=True)]
    parts = [pad + text if r else text + pad for text, pad, r in zip(texts, pads, right, strict=True)]
    return "  ".join(parts).rstrip()
