"""Columns of a large CSV file that hold nothing but numbers, read as such at once: their texts are not kept.

What a column is taken for hangs on its texts: 01 is none of the numbers. So a column is only read this way if it is a
number in some rows from all over the file, no field of the file is led by zeros, and then every field of it is a
number. All others are read as texts; in doubt, the whole file is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

LARGE = 2**20
"""Bytes of a file from which on it pays."""

_ZERO = np.uint8(ord("0"))
_BLOCK = 2**18
_SAMPLE = 2**14
_SAMPLES = 8
_TRIES = 3
_NUMBER = re.compile(rb'^[ \t]*"?[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"?[ \t]*$')


def read(raw: bytes, separator: str, width: int, *, header: bool, texts: Collection[int]) -> pa.Table | None:
    """The table with its columns of numbers as such and all others as text, without the header; None to read it so.

    Args:
        raw: the file, in UTF-8.
        separator: between its fields.
        width: its columns.
        header: whether its first row is one.
        texts: columns that are to be texts, from 0.
    """
    import pyarrow as pa

    mark = separator.encode()
    if len(raw) < LARGE or len(mark) != 1 or mark in b'" .0123456789+-eE' or _has_leading_zeros(raw, mark):
        return None
    numbers = _seem_numbers(raw, mark, width) - set(texts)
    for _ in range(_TRIES):
        if not numbers:
            return None
        try:
            return _read(raw, separator, width, header, numbers)
        except pa.ArrowInvalid as error:  # a value far down is no number, or the file is no table
            told = re.search(r"column #(\d+)", str(error))
            if told is None:
                return None
            numbers = numbers - {int(told[1])}
    return None


def _read(raw: bytes, separator: str, width: int, header: bool, numbers: Collection[int]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow

    return arrow.read_csv(
        pa.BufferReader(raw),
        read_options=arrow.ReadOptions(autogenerate_column_names=True, skip_rows_after_names=int(header)),
        parse_options=arrow.ParseOptions(delimiter=separator, newlines_in_values=b'"' in raw),
        convert_options=arrow.ConvertOptions(
            column_types={f"f{k}": pa.float64() if k in numbers else pa.string() for k in range(width)},
            strings_can_be_null=False,
            null_values=[],
        ),
    )


def _has_leading_zeros(raw: bytes, mark: bytes) -> bool:
    """Whether some field may be a number such as 01."""
    if re.match(rb'[ \t"]*0[0-9]', raw):
        return True
    signs, begins, blank = np.frombuffer(raw, np.uint8), _among(mark + b'\r\n"'), _among(b" \t")
    for start in range(0, len(signs), _BLOCK):
        some = signs[start : start + _BLOCK + 3]
        led = some[2:-1] == _ZERO
        led &= some[3:] - _ZERO < 10
        led &= some[1:-2] - _ZERO >= 10  # below 0, bytes begin again at 255
        led &= some[1:-2] != ord(".")
        places = np.flatnonzero(led)
        before, further = some[places + 1], some[places]
        if len(places) and np.any(begins[before] | (blank[before] & (begins[further] | blank[further]))):
            return True
    return False


def _among(wanted: bytes) -> npt.NDArray[np.bool_]:
    """Whether each byte is one of these, [256]."""
    found = np.zeros(256, bool)
    found[list(wanted)] = True
    return found


def _seem_numbers(raw: bytes, mark: bytes, width: int) -> set[int]:
    """Columns that hold numbers in rows from all over the file; where rows are not as they seem, too few."""
    found = set(range(width))
    for start in np.linspace(_SAMPLE, len(raw) - _SAMPLE, _SAMPLES).astype(int):
        for row in _rows(raw[start : start + _SAMPLE], mark, width):
            found = {k for k in found if _NUMBER.match(row[k])}
    return found


def _rows(piece: bytes, mark: bytes, width: int) -> Sequence[list[bytes]]:
    """The whole rows in a piece of the file."""
    rows = [line.split(mark) for line in piece.replace(b"\r\n", b"\n").split(b"\n")[1:-1]]
    return [row for row in rows if len(row) == width]
