"""CSV files as columns of text: what separates them, what encodes them and whether there is a header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data.idx import content
from sweeper.data.sealed import _plain
from sweeper.data.sealed._stored import Stored
from sweeper.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

_SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PLAIN = ("utf-8", "utf-8-sig")
_BLOCK = 2**20
_WIDE = 2**12
"""Bytes that tell whether a character has two of them."""
_HEAD = 2**16
"""Characters by which the separator is found."""
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1b")
_FEW = 0.01
"""The share of control characters above which a file is no text; a stray one is taken as it is."""


def read(
    dataset: Dataset, path: Path, texts: Collection[str] | None = None
) -> tuple[list[Stored], str, tuple[str, ...]]:
    """The columns of a CSV file, its separator, and what a person should know of how it was read.

    Args:
        dataset: with the keys that say how it is written.
        path: of the file.
        texts: columns whose texts will be needed; None for all.

    Raises:
        InputError: it is no table: rows of different lengths, bytes that are no text, or nothing.
    """
    raw = content(path)
    if not raw.strip():
        raise InputError(f"{path} is empty", hint="name a file with a table", key="dataset.path")
    encoding = dataset.encoding or _encoding(raw)
    if not dataset.encoding and _holds_bytes(raw, encoding):
        raise _bytes(raw, path)
    separator = dataset.separator.replace("\\t", "\t") or _separator(_head(raw, encoding, path))
    if len(separator) != 1:
        raise InputError(f"dataset.separator: {separator!r} is not one character", key="dataset.separator")
    width = len(next(csv.reader(_head(raw, encoding, path), delimiter=separator), []))
    names, columns = _columns(raw, encoding, separator, width, path, dataset, texts)
    guessed = encoding not in {"utf-8", *_MARKS.values()} and not dataset.encoding
    notes = [f"{path.name} is read as {encoding}"] if guessed else []
    if separator != "," and not dataset.separator:
        notes.append(f"{path.name} is read with {_NAMES.get(separator, separator)} between its fields")
    return [Stored(name, *column) for name, column in zip(names, columns, strict=True)], separator, tuple(notes)


def _columns(
    raw: bytes, encoding: str, separator: str, width: int, path: Path, dataset: Dataset, texts: Collection[str] | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of the columns, and of each what a ``Stored`` has besides."""
    told = dataset.decimal or dataset.thousands or dataset.missing_markers
    if texts is not None and encoding in _PLAIN and not told and len(raw) >= _plain.LARGE:
        first = _table(_first_rows(raw), encoding, separator, width, path)
        names = _names(first, dataset)
        known = [k for k, name in enumerate(names) if name in texts]
        table = _plain.read(raw, separator, width, header=dataset.header, texts=known)
        if table is not None:
            again = _Again(path, encoding, separator, width, dataset)
            return names, [again.column(k, column) for k, column in enumerate(table.columns)]
    table = _table(raw, encoding, separator, width, path)
    return _names(table, dataset), [(column,) for column in table.slice(int(dataset.header)).columns]


def _names(table: pa.Table, dataset: Dataset) -> list[str]:
    if not dataset.header:
        return [f"column_{k + 1}" for k in range(table.num_columns)]
    return [str(column[0]).strip() for column in table.columns]


def _first_rows(raw: bytes) -> bytes:
    """The first rows, whole, if no field has a line end in it."""
    return raw[: raw.rfind(b"\n", 0, _HEAD) + 1]


@dataclass(frozen=True)
class _Again:
    """Reads the texts of columns whose numbers have been read: hardly ever are they asked for."""

    path: Path
    encoding: str
    separator: str
    width: int
    dataset: Dataset

    def column(self, place: int, column: pa.ChunkedArray) -> tuple[Any, ...]:
        """What a ``Stored`` has besides its name."""
        import pyarrow as pa

        if not pa.types.is_floating(column.type):
            return (column,)
        numbers = np.asarray(column.to_numpy(), np.float64)
        return lambda: self._texts(place, len(numbers)), numbers

    def _texts(self, place: int, rows: int) -> pa.ChunkedArray:
        table = self._table
        if table.num_rows != rows:
            raise InputError(f"{self.path} was changed while it was read", hint="begin again", key="dataset.path")
        return table.column(place)

    @cached_property
    def _table(self) -> pa.Table:
        found = _table(content(self.path), self.encoding, self.separator, self.width, self.path)
        return found.slice(int(self.dataset.header))


def _table(raw: bytes, encoding: str, separator: str, width: int, path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow

    try:
        return arrow.read_csv(
            pa.BufferReader(raw),
            read_options=arrow.ReadOptions(autogenerate_column_names=True, encoding=encoding.replace("-sig", "")),
            parse_options=arrow.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                column_types={f"f{k}": pa.string() for k in range(width)}, strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, ValueError, LookupError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].removeprefix("CSV parse error: ")
        hint = "mend that row, or name the separator: dataset.separator=\"';'\""
        if raw.lstrip().startswith(b"#"):
            hint = "its first line is a comment (#): take such lines out"
        raise InputError(f"{path} is no csv table: {why[:200]}", hint=hint, key="dataset.path") from error


def _encoding(raw: bytes) -> str:
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return name
    even, odd = raw[0:_WIDE:2].count(0), raw[1:_WIDE:2].count(0)
    if abs(odd - even) * 4 > len(raw[:_WIDE]) // 2:  # two bytes a character, without a mark of their order
        return "utf-16-le" if odd > even else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, 0 if raw.isascii() else len(raw), _BLOCK):
            decoder.decode(raw[start : start + _BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _holds_bytes(raw: bytes, encoding: str) -> bool:
    """Whether a file that is in nobody's encoding holds what no text does."""
    first = raw[:_HEAD]
    if encoding.startswith("utf-16") and not raw.startswith(tuple(_MARKS)):
        try:
            codecs.getincrementaldecoder(encoding)().decode(first)
        except UnicodeError:
            return True
    unwanted = {"cp1252": _CONTROLS, "utf-8": b"\0"}.get(encoding, b"")
    return len(first) - len(first.translate(None, unwanted)) > _FEW * len(first)


def _bytes(raw: bytes, path: Path) -> InputError:
    why = f"{path} is no text: it begins with the bytes {raw[:8].hex(' ')}"
    return InputError(why, hint="export its table as CSV or Parquet", key="dataset.path")


def _head(raw: bytes, encoding: str, path: Path) -> list[str]:
    """The first lines, whole."""
    try:
        text = raw[: 4 * _HEAD].decode(encoding, errors="ignore" if len(raw) > 4 * _HEAD else "strict")
    except (UnicodeError, LookupError) as error:
        other = "shift_jis (or gb18030, cp1251)" if encoding == "cp1252" else "cp1252"
        hint = f"name its encoding: dataset.encoding={other}"
        raise InputError(f"{path} is no text in {encoding}: {error}", hint=hint, key="dataset.encoding") from error
    lines = [line for line in text[:_HEAD].splitlines() if line.strip()]
    return lines[:-1] if len(text) > _HEAD and len(lines) > 1 else lines


def _separator(lines: list[str]) -> str:
    """The one that gives all of the first rows the same number of fields, and most of them."""
    best, most = ",", 1
    for separator in _SEPARATORS:
        rows = list(csv.reader(lines[:50], delimiter=separator))
        widths = {len(row) for row in rows if row}
        if len(widths) == 1 and (width := widths.pop()) > most:
            best, most = separator, width
    return best
