"""Whether a table's target is classes or numbers to predict, and the numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sweeper.config.metrics import CLASSIFICATION, REGRESSION
from sweeper.config.schema import Dataset
from sweeper.data.columns import NUMBER, Column
from sweeper.data.portable.values import LARGEST
from sweeper.data.sealed import _kinds, _values
from sweeper.data.sealed._stored import Stored
from sweeper.data.split import Numbers
from sweeper.errors import InputError

MOST_CLASSES = 1000
"""Different whole numbers that may be classes."""


@dataclass(frozen=True)
class Numbering:
    """Stands where classes have their coding: the numbers are what they are.

    Attributes:
        column: how they are read.
        note: why they are taken for numbers, for people; empty where that was asked for.
    """

    column: Column
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """There are no classes."""
        return ()

    def labels(self, stored: Stored, dataset: Dataset, where: str) -> npt.NDArray[np.generic]:
        """The numbers of a column, None where they are missing, [N].

        Raises:
            InputError: the column of another file holds no numbers.
        """
        values = _values.same_kind(stored, self.column, dataset, where)
        lacking = np.isnan(values)
        if not lacking.any():
            return values
        return np.array([None if gone else value for gone, value in zip(lacking, values, strict=True)], object)

    def number(self, labels: npt.NDArray[np.generic], where: str) -> Numbers:
        """The numbers themselves, [N].

        Raises:
            InputError: they are all the same.
        """
        numbers = labels.astype(np.float64)
        if len(numbers) and np.ptp(numbers) == 0:
            hint = "name the column that is to be predicted"
            raise InputError(f"{where}: the target is {numbers[0]:g} in every row", hint=hint, key="dataset.target")
        return numbers


def numbering(stored: Stored, dataset: Dataset, separator: str, where: str) -> Numbering | None:
    """How the target is read as numbers; None where it is classes.

    Without ``dataset.task`` it is numbers if it has fractions, or more than 1,000 different numbers; such a target
    cannot be classes.

    Raises:
        InputError: it is to be numbers, and is not.
    """
    if dataset.task == CLASSIFICATION or (dataset.task != REGRESSION and dataset.labels):
        return None
    asked = dataset.task == REGRESSION
    try:
        column = _kinds.kind_of(stored, _alone(dataset, stored.name), separator, where)
    except InputError:
        if asked:
            raise
        return None
    if NUMBER not in {column.kind, column.base} and not _counts(column):
        if not asked:
            return None
        hint = "leave dataset.task out: its values are classes"
        raise InputError(f"{where}: the target '{stored.name}' holds no numbers", hint=hint, key="dataset.task")
    column = replace(column, kind=NUMBER, base=NUMBER, why="")
    return Numbering(column) if asked else _by_content(stored, column, dataset)


def _counts(column: Column) -> bool:
    """Whole numbers that look like a count of the rows may be predicted all the same."""
    return column.why.startswith("it numbers")


def _alone(dataset: Dataset, name: str) -> Dataset:
    """The keys that say how numbers are written, and that nothing is left out."""
    return Dataset(
        dataset.name,
        decimal=dataset.decimal,
        thousands=dataset.thousands,
        missing_markers=dataset.missing_markers,
        numbers=(name,) if dataset.task == REGRESSION else (),
    )


def _by_content(stored: Stored, column: Column, dataset: Dataset) -> Numbering | None:
    values = _values.values_of(stored, column, dataset)
    known = values[np.abs(values) <= LARGEST]
    if np.any(known != np.round(known)):
        why = "it has fractions"
    elif len(np.unique(known)) > MOST_CLASSES:
        why = f"it has more than {MOST_CLASSES:,} different values"
    else:
        return None
    return Numbering(
        column,
        f"the target '{stored.name}' is taken for numbers to predict, since {why} (dataset.task=regression says so, "
        "dataset.task=classification otherwise)",
    )
