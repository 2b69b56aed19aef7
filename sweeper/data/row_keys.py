"""Rows by their content: a number for each, the same in whatever file, format and order the row is kept.

A row's key is made of its features' values alone. Names, types, line ends and the other rows do not count, nor does
the label: a corrected label moves no row. A text that reads as a number counts as that number, so that 1, 1.0 and "1"
are one value; true is 1, and a date is its text. A fraction counts as the single precision number next to it, so that a
table saved in single precision has the keys that it had.

Where some value is a fraction, the order of columns does not count either. Among whole numbers and texts alone it
does: of ten answers from 1 to 5, or of ten yes and no, most rows would be equal without it.

The method is multilinear hashing modulo 2**64 (Carter and Wegman 1979; Lemire and Kaser 2014) of values that were
mixed by the finalizer of SplitMix64 (Steele, Lea and Flood 2014). All of it is arithmetic on whole numbers: a key is
the same on every machine and with every version of NumPy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Array = npt.NDArray[np.generic]

_PERSON = b"sweeper rows 2"
"""Keys of this rule are unlike those of any other use of the same hash."""
_NONE: Keys = np.zeros(1, np.uint64)
_SMALLEST = np.finfo(np.float32).tiny
"""What is nearer to zero has fewer digits in single precision, or none."""
_ALL_WHOLE = 2.0**24
"""Below, every whole number is one of single precision."""
_STEP = np.uint64(0x9E3779B97F4A7C15)
_BLOCK = 2**20
_PIECE = 2**14
_DISTINCT_SHARE = 0.1
_MISSING = np.uint64(0x7FF8000000000000)
_MIDNIGHT = " 00:00:00"
_YES_NO = {"True": "1", "true": "1", "TRUE": "1", "False": "0", "false": "0", "FALSE": "0"}


def of_columns(columns: Iterable[Array]) -> Keys:
    """The keys of the rows of a table.

    Args:
        columns: [N] each: numbers, or texts (missing ones as None or NaN).

    Returns:
        [N], evenly spread over all 64-bit numbers.
    """
    placed, loose, broken = _NONE, _NONE, False
    for odd, column in zip(_odd_numbers(), columns, strict=False):
        if loose is _NONE:
            placed, loose = np.zeros(len(column), np.uint64), np.zeros(len(column), np.uint64)
        for place, part, has_fractions in _in_pieces(column):
            broken = broken or has_fractions
            loose[place] += part
            if not broken:  # with a fraction anywhere, places do not count
                placed[place] += part * odd
    return mixed(loose if broken else placed)


def named(codes: npt.NDArray[np.int64], names: Sequence[str]) -> Any:
    """Texts, given as their places among some names, as ``of_columns`` takes them; -1 for a missing one."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, pd.Index(np.array(list(names), object)))


def of_array(values: Array) -> Keys:
    """The keys of the rows of numbers [N, K], as ``of_columns`` gives them for its columns."""
    count, width = values.shape
    rows = max(1, _BLOCK // max(width, 1))
    return of_blocks((values[start : start + rows] for start in range(0, count, rows)), width)


def of_blocks(blocks: Iterable[Array], width: int) -> Keys:
    """The same of rows that come some at a time, [n, K] each."""
    odd = np.fromiter((next_odd for next_odd, _ in zip(_odd_numbers(), range(width), strict=False)), np.uint64, width)
    found = [_sums(block, odd) for block in blocks]
    if not found:
        return np.empty(0, np.uint64)
    placed, loose, broken = zip(*found, strict=True)
    return mixed(np.concatenate(loose if any(broken) else placed))


def of_values(values: Array) -> Keys:
    """A number for each value, whatever type it is stored in; all missing values have the same."""
    return _read(values)[0]


def mixed(keys: Keys) -> Keys:
    """The finalizer of SplitMix64: every bit of the result depends on every bit that goes in; one to one."""
    keys = keys.copy()
    for part in _in_cache(keys):
        _mix(part)
    return keys


def _mix(keys: Keys) -> None:
    shifted = np.empty_like(keys)
    keys ^= np.right_shift(keys, np.uint64(30), out=shifted)
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    keys ^= np.right_shift(keys, np.uint64(27), out=shifted)
    keys *= np.uint64(0x94D049BB133111EB)
    keys ^= np.right_shift(keys, np.uint64(31), out=shifted)


def _in_cache(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Views of a contiguous array's values, piece by piece: what is done to each in turn stays in the fast memory."""
    flat = values.reshape(-1)
    return (flat[start : start + _PIECE] for start in range(0, flat.size, _PIECE))


def distinct(keys: Keys) -> int:
    """How many different ones there are."""
    ranked = np.sort(keys)  # of whole numbers faster than a table of hashes
    return len(ranked) and 1 + int(np.count_nonzero(ranked[1:] != ranked[:-1]))


def equal_are_the_rule(keys: Keys) -> bool:
    """Whether fewer than one row in ten is distinct: equal ones are no accident then."""
    return distinct(keys) < _DISTINCT_SHARE * len(keys)


def copies(keys: Keys, labels: Array) -> Keys:
    """Keys that tell equal rows apart: by label, and those of one label by their number among them."""
    whole = mixed(keys + of_values(labels) * _STEP)
    order = np.argsort(whole, kind="stable")
    ranked = whole[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    number = np.arange(len(whole)) - np.repeat(starts, np.diff(np.r_[starts, len(whole)]))
    numbers = np.empty(len(whole), np.uint64)
    numbers[order] = number.astype(np.uint64)
    return mixed(whole + numbers * _STEP)


def _sums(values: Array, odd: Keys) -> tuple[Keys, Keys, bool]:
    """Sums of rows [N, K], with and without the columns' places, [N] each, and whether there are fractions."""
    parts, has_fractions = _read(values)
    return (parts * odd).sum(axis=1, dtype=np.uint64), parts.sum(axis=1, dtype=np.uint64), has_fractions


def _read(values: Array) -> tuple[Keys, bool]:
    """A number for each value, and whether some are fractions."""
    keys, broken = np.empty(values.size, np.uint64), False
    for place, part, has_fractions in _in_pieces(values.reshape(-1) if values.ndim > 1 else values):
        keys[place] = part
        broken = broken or has_fractions
    return keys.reshape(values.shape), broken


def _in_pieces(values: Array) -> Iterator[tuple[slice, Keys, bool]]:
    """The same piece by piece: its place, its numbers (until the next is asked for), whether some are fractions."""
    texts, has_fractions = (None, False) if values.dtype.kind in "iufb" else _of_texts(values)
    numbers = np.empty(min(_PIECE, len(values)))
    for start in range(0, len(values), _PIECE):
        place = slice(start, start + _PIECE)
        if texts is None:
            part = numbers[: len(values[place])]
            np.add(values[place], 0.0, out=part)  # there are two zeros, of which 0.0 is one
            has_fractions = _number(part)
        yield place, part.view(np.uint64) if texts is None else texts[place], has_fractions


def _number(numbers: npt.NDArray[np.float64]) -> bool:
    """Turn some numbers into the bits of their keys, in place; whether some are fractions."""
    has_fractions = _shorten(numbers)
    bits = numbers.view(np.uint64)
    if np.isnan(numbers.max()):
        bits[np.isnan(numbers)] = _MISSING
    _mix(bits)
    return has_fractions


def _shorten(numbers: npt.NDArray[np.float64]) -> bool:
    """Round fractions to single precision, in place; whether any are left."""
    whole = numbers == np.floor(numbers)
    if whole.all():
        return False
    sizes = np.abs(numbers)
    if sizes.max() < _ALL_WHOLE and (sizes.min() or sizes[sizes > 0].min()) >= _SMALLEST:
        short = numbers.astype(np.float32)  # rounds fractions alone
        numbers[:] = short
        return bool(np.any(short != np.floor(short)))
    broken = ~whole & (sizes >= _SMALLEST)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # of others than fractions
        single = numbers.astype(np.float32).astype(np.float64)
    np.copyto(numbers, single, where=broken)
    return bool(np.any(broken & (single != np.floor(single))))


def _of_texts(values: Array) -> tuple[Keys, bool]:
    import pandas as pd

    codes, texts = pd.factorize(values)
    words = pd.Series(texts, dtype=object).astype(str).str.strip().str.removesuffix(_MIDNIGHT)
    numbers = pd.to_numeric(words.replace(_YES_NO), errors="coerce").to_numpy(np.float64, copy=True)
    keys, has_fractions = _read(numbers)
    for place in np.flatnonzero(np.isnan(numbers)):
        keys[place] = _of_bytes(words.iloc[place].encode("utf-8", "surrogatepass"))
    missing, _ = _read(np.array([np.nan]))
    return np.concatenate([keys, missing])[codes], has_fractions  # -1 is a missing value


def _of_bytes(content: bytes) -> np.uint64:
    digest = hashlib.blake2b(content, digest_size=8, key=_PERSON).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _odd_numbers() -> Iterator[np.uint64]:
    """One for each position."""
    state = int(_of_bytes(b"positions"))
    while True:
        state = (state + int(_STEP)) % 2**64
        yield mixed(np.array([state], np.uint64))[0] | np.uint64(1)
