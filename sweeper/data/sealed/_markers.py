"""Numbers that look like something else: markers of missing values, and names too long to be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data.columns import NUMBER, Column
from sweeper.data.sealed._stored import Stored
from sweeper.data.split import Numbers

_MARKERS = (-9, -99, -999, -9999, -99999)
EXACT = 2.0**53
"""From here on, neighbouring whole numbers are one and the same to a computer's numbers."""


def said(
    columns: Sequence[Column], stored: Sequence[Stored], values: Mapping[str, Numbers], dataset: Dataset
) -> Iterator[str]:
    """Lines on markers that stand nowhere, and on columns of numbers that hold markers, or names rather than counts.

    Args:
        columns: of the table.
        stored: the same, as they are in the file.
        values: of each column, by name, [N].
        dataset: a column that one of its keys names is taken at its word.
    """
    import pyarrow.compute as pc

    for marker in dataset.missing_markers:
        if not any(pc.any(pc.equal(one.texts, marker)).as_py() for one in stored):
            yield f"warning: no field is {marker!r} (dataset.missing_markers are compared with what is written)"
    for column, one in zip(columns, stored, strict=True):
        if column.kind == NUMBER and column.name not in dataset.numbers:
            yield from _of_numbers(one, values[column.name])


def _of_numbers(stored: Stored, values: Numbers) -> Iterator[str]:
    low, name = np.fmin.reduce(values), stored.name
    if low in _MARKERS and np.fmin.reduce(np.where(values == low, np.inf, values)) >= 0:
        written = stored.texts[int(np.argmax(values == low))].as_py()
        hint = f"dataset.missing_markers=['{written}']" if stored.is_text else "leave those cells empty"
        yield (
            f"warning: '{name}' has {low:g} in {int((values == low).sum()):,} rows and nothing else below 0; if that "
            f"stands for a missing value: {hint}; if it is a number: dataset.numbers=[{name}]"
        )
    if max(np.fmax.reduce(values), -low) > EXACT and not np.any(values % 1 > 0):
        yield (
            f"warning: '{name}' has whole numbers of more than 15 digits, which are no longer told apart; if they are "
            f"names: dataset.categories=[{name}] or dataset.drop=[{name}]"
        )
