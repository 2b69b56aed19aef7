"""Rows as people have them as numbers [N, K]: the columns of a table, or the examples of an array."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .cells import (
    days_of_texts,
    is_text,
    missing,
    number_pattern,
    numbers_of_texts,
    places,
    texts,
    typed,
    without,
    yes_or_no,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Document = Mapping[str, Any]
Numbers = npt.NDArray[np.float64]

LARGEST = 1e30
"""Greater numbers are refused: sums of their squares are beyond 32-bit floats, and they are mistakes anyway."""
_BYTE = 255.0


class RowsError(ValueError):
    """Rows that are not of the kind that training had: which, in one line."""


def of_frame(frame: pd.DataFrame) -> dict[str, pa.ChunkedArray]:
    """The columns of a DataFrame, by name; those that mix types as text."""
    import pyarrow as pa

    def cells(column: pd.Series[Any]) -> pa.ChunkedArray:
        try:
            return pa.chunked_array([pa.array(column, from_pandas=True)])
        except (pa.ArrowException, TypeError):
            said = [None if one is None or one != one else str(one) for one in column.tolist()]  # noqa: PLR0124
            return pa.chunked_array([pa.array(said, pa.string())])

    return {str(name).strip(): cells(frame[name]) for name in frame.columns}


def of_columns(document: Document, columns: Mapping[str, pa.ChunkedArray]) -> Numbers:
    """The columns that training used as numbers, [N, K]; others do not count.

    NaN stands for a missing value, and -1 for a category that the training file did not have.

    Raises:
        RowsError: a column is not there, or of another kind.
    """
    wanted = [column["name"] for column in document["columns"]]
    for name in wanted:
        if name not in columns:
            raise RowsError(_absent(name, [other for other in columns if other not in wanted]))
    markers = document["reading"]["markers"]
    read = [_column(columns[column["name"]], column, markers) for column in document["columns"]]
    return np.column_stack(read)


def of_array(document: Document, array: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], str]:
    """Examples [N, ...] as numbers [N, K] in the unit of training, and what a person should know of that.

    Raises:
        RowsError: they are no numbers, of another shape, or not finite.
    """
    shape, width = tuple(document["shape"]), int(np.prod(document["shape"]))
    if array.dtype.kind not in "iufb":
        raise RowsError(f"its examples are of the type {array.dtype}, not numbers")
    if array.ndim == 0 or array.shape[1:] not in {shape, (width,)}:
        raise RowsError(f"it has the shape {list(array.shape)}, and training had examples of {list(shape)}")
    flat = array.reshape(len(array), width)
    if flat.dtype == np.uint8:
        return (
            (flat / _BYTE, "bytes are divided by 255, as training had numbers from 0 to 1")
            if (document["unit"] == "shares")
            else (flat, "")
        )
    values = flat.astype(np.float64)
    if not np.all(np.abs(values) <= LARGEST):
        raise RowsError("its examples have missing, infinite or enormous values")
    is_share = flat.dtype.kind == "f" and len(values) > 0 and values.min() >= 0 and values.max() <= 1
    if document["unit"] == "bytes" and document["high"] > 1 and is_share:
        return values * _BYTE, "numbers from 0 to 1 are multiplied by 255, as training had bytes"
    return values, ""


def _absent(name: str, others: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, others, 1, 0.6)
    said = f"; is it '{near[0]}'?" if near else ""
    return f"there is no column '{name}', which training had{said}"


def _column(cells: pa.ChunkedArray, column: Document, markers: Sequence[str]) -> Numbers:
    import pyarrow as pa

    try:
        found = _read(cells, column, markers)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
        raise RowsError(f"column '{column['name']}' holds no {column['kind']} values as in training: {why}") from error
    if np.any(np.abs(found) > LARGEST):
        raise RowsError(f"column '{column['name']}' has infinite or enormous values")
    return found


def _read(cells: pa.ChunkedArray, column: Document, markers: Sequence[str]) -> Numbers:
    import pyarrow as pa

    kind = column["kind"]
    if pa.types.is_null(cells.type):
        return np.full(len(cells), np.nan)
    if kind == "category":
        return _codes(texts(cells), column["categories"])
    if not is_text(cells) and not (pa.types.is_dictionary(cells.type) and pa.types.is_string(cells.type.value_type)):
        return _typed(cells, kind)
    said = texts(cells)
    lacking = missing(said, markers)
    if kind == "yes/no":
        return yes_or_no(said, lacking)
    if kind == "date":
        return days_of_texts(said, lacking, column.get("date_format", ""))
    said = without(said, column.get("units", ()))
    _check_numbers(said, lacking, column)
    return numbers_of_texts(said, lacking, column["decimal"], column["thousands"])


def _typed(cells: pa.ChunkedArray, kind: str) -> Numbers:
    import pyarrow as pa

    is_date = pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type)
    if is_date != (kind == "date"):
        raise ValueError(f"they are {cells.type}")
    found = typed(cells, dates=is_date)
    if kind == "yes/no" and not np.isin(found[~np.isnan(found)], (0.0, 1.0)).all():
        raise ValueError("they are numbers other than 0 and 1")
    return found


def _check_numbers(said: pa.ChunkedArray, lacking: pa.ChunkedArray, column: Document) -> None:
    import pyarrow.compute as pc

    pattern = number_pattern(column["decimal"], column["thousands"])
    plain = pc.fill_null(pc.match_substring_regex(said, pattern), False)
    row = int(pc.index(pc.or_(plain, lacking), False).as_py())
    if row >= 0:
        raise ValueError(f"{said[row].as_py()!r} in data row {row + 1} is no number")


def _codes(said: pa.ChunkedArray, categories: Sequence[str]) -> Numbers:
    import pyarrow.compute as pc

    found = places(said, categories)
    is_there = pc.fill_null(pc.not_equal(said, ""), False).to_numpy().astype(bool)
    return np.where(np.isnan(found) & is_there, -1.0, found)
