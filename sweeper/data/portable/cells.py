"""A column's cells as numbers: dates as days since 1970, categories as their places, NaN where a value is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = npt.NDArray[np.float64]

NUMBER = r"^[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[iI]nf|[iI]nfinity)$"
TRUE, FALSE = ("true", "yes", "y", "t"), ("false", "no", "n", "f")
_DAY = 86_400.0


def is_text(cells: pa.ChunkedArray) -> bool:
    """Whether they are stored as text."""
    import pyarrow as pa

    return bool(pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type))


def texts(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """As text, without blanks around it; nulls stay nulls."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(cells.type):
        cells = pc.cast(cells, cells.type.value_type)
    return pc.utf8_trim_whitespace(cells if is_text(cells) else pc.cast(cells, pa.string()))


def missing(of: pa.ChunkedArray, markers: Sequence[str]) -> pa.ChunkedArray:
    """Which texts are null or one of the markers, [N]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.or_(pc.is_null(of), pc.fill_null(pc.is_in(of, pa.array(list(markers))), False))


def number_pattern(decimal: str, thousands: str) -> str:
    """What a number looks like with these marks."""
    if not thousands and decimal == ".":
        return NUMBER
    mark, group = (rf"\{sign}" if sign and not sign.isspace() else sign for sign in (decimal, thousands))
    whole = rf"[0-9]{{1,3}}({group}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    return rf"^[+-]?({whole})?({mark}[0-9]*)?([eE][+-]?[0-9]+)?$"


def without(of: pa.ChunkedArray, units: Sequence[str]) -> pa.ChunkedArray:
    """Texts without the units around their numbers, such as "%"."""
    import pyarrow.compute as pc

    for unit in units:
        of = pc.replace_substring(of, unit, "")
    return pc.utf8_trim_whitespace(of) if units else of


def numbers_of_texts(of: pa.ChunkedArray, lacking: Any, decimal: str = ".", thousands: str = "") -> Numbers:
    """Texts as numbers, NaN where they are missing; all others must be numbers, [N]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if thousands:
        of = pc.replace_substring(of, thousands, "")
    if decimal != ".":
        of = pc.replace_substring(of, decimal, ".")
    kept = pc.if_else(lacking, pa.scalar(None, of.type), of)
    return np.asarray(pc.cast(kept, pa.float64()).to_numpy(), np.float64)


def typed(cells: pa.ChunkedArray, *, dates: bool = False) -> Numbers:
    """Numbers, times in seconds, and dates in days since 1970, as the file stores them, [N]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = cells.type
    if pa.types.is_dictionary(kind):
        cells = pc.cast(cells, kind.value_type)
    if dates:
        moments = pc.cast(cells, pa.timestamp("us"), safe=False)
        return np.asarray(pc.cast(pc.cast(moments, pa.int64()), pa.float64()).to_numpy() / (_DAY * 1e6), np.float64)
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        unit = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        small = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        return np.asarray(pc.cast(pc.cast(cells, small), pa.float64()).to_numpy() / unit, np.float64)
    return np.asarray(pc.cast(cells, pa.float64(), safe=False).to_numpy(), np.float64)


def days_of_texts(of: pa.ChunkedArray, lacking: Any, form: str = "") -> Numbers:
    """Dates in text as days since 1970, [N]; `form` as strptime takes it, "" for 2026-01-31.

    Raises:
        ValueError: one is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = pc.if_else(lacking, pa.scalar(None, of.type), of)
    different = pc.unique(kept)
    if len(different) * 2 < len(kept):  # many rows share a day
        try:
            found = _days(different, form)
            return np.asarray(found[pc.index_in(kept, different).to_numpy()], np.float64)
        except ValueError:
            pass  # said below, with its row
    return _days(kept, form)


def _days(of: Any, form: str) -> Numbers:
    import pandas as pd

    moments = pd.to_datetime(pd.Series(of.to_pylist(), dtype=object), format=form or "ISO8601", utc=True)
    seconds = (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
    return np.asarray(seconds.to_numpy(np.float64) / _DAY, np.float64)


def places(of: pa.ChunkedArray, categories: Sequence[str]) -> Numbers:
    """The place of each text among some categories, NaN where it is none of them, [N]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(of, pa.array(list(categories), of.type))
    return np.asarray(pc.cast(found, pa.float64()).to_numpy(), np.float64)


def yes_or_no(of: pa.ChunkedArray, lacking: Any) -> Numbers:
    """1 for yes and its like, 0 for no and its like, NaN where it is missing, [N].

    Raises:
        ValueError: a text is none of these.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.utf8_lower(of)
    true, known = (pc.is_in(words, pa.array(list(some))).to_numpy() for some in (TRUE, (*TRUE, *FALSE)))
    absent = lacking.to_numpy().astype(bool)
    if (strange := ~(known | absent)).any():
        row = int(np.argmax(strange))
        raise ValueError(f"{of[row].as_py()!r} in data row {row + 1} is neither yes nor no")
    return np.where(absent, np.nan, true.astype(np.float64))
