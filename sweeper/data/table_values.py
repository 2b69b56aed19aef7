"""The values of a table, [N, K], as columns that are each whole in memory: rows are put together where they are needed.

What is asked of a large table is asked of its columns (ranges, deviations, leaks), and a column that is whole is read
several times as fast as one of an array that is kept row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from sweeper.data.mapped import Mapped

if TYPE_CHECKING:
    from sweeper.data.encode import Values
    from sweeper.data.partition import Indices

_AT_ONCE = 2**11
"""Rows that are put together at a time."""


@dataclass(frozen=True)
class Apart:
    """Columns that have not been put together yet; each is [N]."""

    columns: tuple[npt.NDArray[np.float64], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """[N, K]."""
        return len(self.columns[0]), len(self.columns)

    def rows(self, places: Indices) -> npt.NDArray[np.float64]:
        """Some rows, column by column in memory."""
        made = np.empty((len(places), len(self.columns)), order="F")
        for k, column in enumerate(self.columns):
            np.take(column, places, out=made[:, k], mode="clip")  # other modes make a copy first
        return made

    def whole(self) -> npt.NDArray[np.float64]:
        """All rows, column by column in memory."""
        made = np.empty(self.shape, order="F")
        for k, column in enumerate(self.columns):
            made[:, k] = column
        return made

    def blocks(self) -> Iterator[npt.NDArray[np.float64]]:
        """All rows, some at a time, row by row in memory."""
        for start in range(0, self.shape[0], _AT_ONCE):
            yield np.column_stack([column[start : start + _AT_ONCE] for column in self.columns])


@overload
def rows_of(values: Values, places: Indices) -> Values: ...
@overload
def rows_of(values: Values | Mapped, places: Indices) -> Values | Mapped: ...
def rows_of(values: Values | Mapped, places: Indices) -> Values | Mapped:
    """Some rows of values [N, K], by rising places: kept column by column, or in their file, where the values are."""
    if len(places) == len(values):
        return values
    if isinstance(values, Mapped):
        return values.at(places)
    if values.flags.c_contiguous:
        found: Values = values[places]
    else:
        found = values.T.take(places, axis=1).T
    return found


def buffers(values: npt.NDArray[Any] | Apart) -> Iterator[memoryview]:
    """The bytes of values, row by row, in one piece or several."""
    blocks = values.blocks() if isinstance(values, Apart) else [values]
    for block in blocks:
        if block.size:
            yield np.ascontiguousarray(block).data
