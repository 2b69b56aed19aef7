"""A stored column as numbers: dates as days since 1970, categories as their places, NaN where a value is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.columns import CATEGORY, DATE, NUMBER, YES_NO, Column
from sweeper.data.portable import cells
from sweeper.data.portable.values import LARGEST
from sweeper.data.sealed._stored import MISSING, Stored
from sweeper.errors import InputError


def values_of(stored: Stored, column: Column, dataset: Dataset) -> npt.NDArray[np.float64]:
    """A column's values as numbers, [N]: dates as days since 1970, categories as their places; NaN where missing."""
    kind = column.base or column.kind
    if kind == CATEGORY:
        return cells.places(stored.texts, column.categories)
    if stored.is_text:
        if kind == NUMBER and stored.plain is not None and column.decimal == "." and not dataset.missing_markers:
            return stored.plain
        missing = stored.missing(markers(dataset))
        if kind == YES_NO:
            return cells.yes_or_no(stored.texts, missing)
        if kind == DATE:
            return days_of_text(stored, missing, column.date_format)
        bare = stored.without(column.units) if column.units else stored
        return bare.numbers(missing, column.decimal, column.thousands)
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
    # A missing value is neither the least nor the greatest.
    if len(values) and max(np.fmax.reduce(values), -np.fmin.reduce(values)) > LARGEST:
        row = int(np.argmax(np.abs(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)) > LARGEST))
        raise InputError(
            f"{where}: column '{column.name}' has infinite or enormous values, the first in data row {row + 1}",
            hint=f"mend that row, or leave the column out: dataset.drop=[{column.name}]",
            key="dataset.path",
        )


def markers(dataset: Dataset) -> tuple[str, ...]:
    """Texts that stand for a missing value."""
    return ("", *dataset.missing_markers) if dataset.missing_markers else MISSING


def typed(stored: Stored, kind: str) -> npt.NDArray[np.float64]:
    """Numbers, times and dates as the file stores them."""
    return cells.typed(stored.cells, dates=True) if kind == DATE else stored.typed


def days_of_text(stored: Stored, missing: Any, form: str = "") -> npt.NDArray[np.float64]:
    """Dates in text as days since 1970.

    Raises:
        ValueError: one is none.
    """
    return stored.days(missing, form)
