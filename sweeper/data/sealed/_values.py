"""A stored column as numbers: dates as days since 1970, categories as their places, NaN where a value is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.columns import CATEGORY, DATE, NUMBER, YES_NO, Column
from sweeper.data.encode import LARGEST
from sweeper.data.sealed._stored import MISSING, Stored
from sweeper.errors import InputError

TRUE, FALSE = ("true", "yes", "y", "t"), ("false", "no", "n", "f")
_DAY = 86_400.0


def values_of(stored: Stored, column: Column, dataset: Dataset) -> npt.NDArray[np.float64]:
    """A column's values as numbers, [N]: dates as days since 1970, categories as their places; NaN where missing."""
    kind = column.base or column.kind
    if kind == CATEGORY:
        return _codes(stored, column)
    if stored.is_text:
        if kind == NUMBER and stored.plain is not None and column.decimal == "." and not dataset.missing_markers:
            return stored.plain
        missing = stored.missing(markers(dataset))
        if kind == YES_NO:
            return _yes_no(stored, missing)
        if kind == DATE:
            return days_of_text(stored, missing)
        return stored.numbers(missing, column.decimal, column.thousands)
    return typed(stored, kind)


def same_kind(stored: Stored, column: Column, dataset: Dataset, where: str) -> npt.NDArray[np.float64]:
    """Values of another file's column of the same name, as ``values_of``; a category that is new there is -1.

    Raises:
        InputError: they are of another kind.
    """
    import pyarrow as pa

    try:
        values = values_of(stored, column, dataset)
    except (pa.ArrowException, ValueError, TypeError) as error:
        why = str(error).strip().splitlines()[0][:120]
        raise InputError(
            f"{where}: column '{column.name}' holds no {column.kind} values as in training: {why}",
            hint="the columns of both files must be of one kind",
            key="dataset.test_path",
        ) from error
    if (column.base or column.kind) == CATEGORY:
        new = np.isnan(values) & (stored.texts.to_numpy().astype(object) != "") & ~np.asarray(stored.texts.is_null())
        values = np.where(new, -1.0, values)
    check_usable(values, column, where)
    return values


def first_missing(stored: Stored, column: Column, dataset: Dataset) -> tuple[int, str]:
    """The place of a column's first missing value, and the text that stands there."""
    import pyarrow.compute as pc

    if stored.is_text and column.kind != CATEGORY:
        place = int(pc.index(stored.missing(markers(dataset)), True).as_py())
        return place, str(stored.texts[place].as_py() or "")
    return int(np.argmax(np.isnan(values_of(stored, column, dataset)))), ""


def check_usable(values: npt.NDArray[np.float64], column: Column, where: str) -> None:
    """Make sure that no value is infinite or enormous.

    Raises:
        InputError: one is.
    """
    if np.any(np.abs(values) > LARGEST):
        raise InputError(f"{where}: column '{column.name}' has infinite or enormous values", key="dataset.path")


def markers(dataset: Dataset) -> tuple[str, ...]:
    """Texts that stand for a missing value."""
    return ("", *dataset.missing_markers) if dataset.missing_markers else MISSING


def typed(stored: Stored, kind: str) -> npt.NDArray[np.float64]:
    """Numbers, times and dates as the file stores them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values, stored_as = stored.cells, stored.cells.type
    if pa.types.is_dictionary(stored_as):
        values = pc.cast(values, stored_as.value_type)
    if kind == DATE:
        moments = pc.cast(values, pa.timestamp("us"), safe=False)
        return np.asarray(pc.cast(pc.cast(moments, pa.int64()), pa.float64()).to_numpy() / (_DAY * 1e6), np.float64)
    if pa.types.is_time(stored_as) or pa.types.is_duration(stored_as):
        unit = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[stored_as.unit]
        small = pa.int32() if pa.types.is_time32(stored_as) else pa.int64()
        return np.asarray(pc.cast(pc.cast(values, small), pa.float64()).to_numpy() / unit, np.float64)
    return np.asarray(pc.cast(values, pa.float64(), safe=False).to_numpy(), np.float64)


def days_of_text(stored: Stored, missing: Any) -> npt.NDArray[np.float64]:
    """Dates in text as days since 1970.

    Raises:
        ValueError: one is none.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.if_else(missing, pa.scalar(None, stored.texts.type), stored.texts)
    moments = pd.to_datetime(pd.Series(texts.to_pylist(), dtype=object), format="ISO8601", utc=True)
    seconds = (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
    return np.asarray(seconds.to_numpy(np.float64) / _DAY, np.float64)


def _codes(stored: Stored, column: Column) -> npt.NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    places = pc.index_in(stored.texts, pa.array(list(column.categories), stored.texts.type))
    return np.asarray(pc.cast(places, pa.float64()).to_numpy(), np.float64)


def _yes_no(stored: Stored, missing: Any) -> npt.NDArray[np.float64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    true = pc.is_in(pc.utf8_lower(stored.texts), pa.array(list(TRUE)))
    numbers = np.asarray(pc.cast(true, pa.float64()).to_numpy(), np.float64)
    return np.where(missing.to_numpy().astype(bool), np.nan, numbers)
