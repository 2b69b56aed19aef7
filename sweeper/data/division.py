"""The rows that are not sealed, divided into training and validation, and the transform that training gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sweeper.config.schema import Dataset, Validation
from sweeper.data import folds, partition
from sweeper.data.encode import Transform, Values
from sweeper.data.mapped import Mapped
from sweeper.data.partition import Cut, Indices
from sweeper.data.raw import Raw, rows_of
from sweeper.data.row_keys import equal_are_the_rule
from sweeper.errors import InputError

_ENOUGH = 10
"""Groups by which a score can be told from luck."""


@dataclass(frozen=True)
class Division:
    """Which rows are used for what, and the transform that was fitted on those of training.

    Where there are folds, all rows are both, for the model that is trained on all of them. ``rows`` are the values of
    the rows to train on, where they are kept: those of folds would all be there at once.
    """

    train: Indices
    validation: Indices
    transform: Transform
    notes: tuple[str, ...]
    folds: tuple[Division, ...] = ()
    rows: Values | Mapped | None = None

    def train_rows(self, raw: Raw) -> Values | Mapped:
        """The values of the rows to train on."""
        return rows_of(raw.values, self.train) if self.rows is None else self.rows


def divide(raw: Raw, dataset: Dataset, validation: Validation) -> Division:
    """Cut validation off, then the training subset that is asked for, and fit the encoding to that.

    Raises:
        InputError: the data cannot give these sizes.
    """
    if validation.folds:
        return _folded(raw, dataset, validation)
    size, note = partition.validation_size(validation.size, len(raw.labels))
    with raw.naming_classes():
        cut, apart = _validation(raw, size, validation)
        train = _subset(raw, cut.rest, dataset.train_size, validation.seed)
    if len(cut.taken) != size:
        more = f"{len(cut.taken):,} examples in all, not {size:,}: rows that belong together stay together"
        note = f"{note}; {more}" if note else f"validation holds {more}"
    few = _few_groups(raw, cut, validation)
    return _fitted(raw, train, cut.taken, tuple(filter(None, (note, few, apart))))


def _fitted(raw: Raw, train: Indices, validation: Indices, notes: tuple[str, ...]) -> Division:
    rows = rows_of(raw.values, train)
    return Division(train, validation, raw.encoding.fit(rows), notes, rows=rows)


def _folded(raw: Raw, dataset: Dataset, validation: Validation) -> Division:
    with raw.naming_classes():
        made = [_fold(raw, cut, dataset, validation) for cut in _folds(raw, validation)]
    train, held = (
        [len(part) for part in parts] for parts in zip(*((f.train, f.validation) for f in made), strict=True)
    )
    note = f"{len(made)} folds: each trains on {_range(train)} examples and validates on {_range(held)} others"
    all_rows = np.arange(len(raw.labels))
    return replace(_fitted(raw, all_rows, all_rows, (note,)), folds=tuple(made))


def _fold(raw: Raw, cut: Cut, dataset: Dataset, validation: Validation) -> Division:
    if raw.numbers is None and len(np.unique(raw.labels[cut.rest])) < 2:
        raise InputError("the first fold trains on one class alone", hint="use fewer folds", key="validation.folds")
    train = _subset(raw, cut.rest, dataset.train_size, validation.seed)
    return replace(_fitted(raw, train, cut.taken, ()), rows=None)


def _folds(raw: Raw, validation: Validation) -> list[Cut]:
    if raw.moments is not None:
        return folds.in_time(raw.moments, validation.folds)
    together = validation.group or (raw.groups is not None and not equal_are_the_rule(raw.groups))
    if together:
        return folds.at_random(raw.labels, raw.groups, validation.folds, validation.seed)
    strata = raw.strata(len(raw.labels) // validation.folds)
    few = raw.numbers is not None and np.unique(strata, return_counts=True)[1].min() < validation.folds
    return folds.at_random(raw.labels if few else strata, None, validation.folds, validation.seed)


def _range(sizes: list[int]) -> str:
    return f"{min(sizes):,}" if min(sizes) == max(sizes) else f"{min(sizes):,} to {max(sizes):,}"


def _few_groups(raw: Raw, cut: Cut, validation: Validation) -> str:
    """What is to be said where a score hangs on few groups, however many rows they have."""
    count = len(np.unique(raw.groups[cut.taken])) if validation.group and raw.groups is not None else _ENOUGH
    if count >= _ENOUGH:
        return ""
    return (
        f"warning: validation holds {len(cut.taken):,} rows of only {count} values of '{validation.group}': its score "
        "says little about others, and changes with validation.seed"
    )


def _validation(raw: Raw, size: int, validation: Validation) -> tuple[Cut, str]:
    """The rows to validate on, and what is to be said of how they were found."""
    if raw.moments is not None:
        return partition.latest(raw.moments, raw.labels, size / len(raw.labels), "validation.size"), ""
    if raw.groups is not None and validation.group:
        return partition.take_groups(raw.labels, raw.groups, size, validation.seed, "validation.size"), ""
    apart = ""
    if raw.groups is not None and not equal_are_the_rule(raw.groups):
        try:
            return partition.take_groups(raw.strata(size), raw.groups, size, validation.seed, "validation.size"), ""
        except InputError:
            apart = "warning: equal rows are on both sides of the validation split: they leave no other way"
    return partition.take(raw.strata(size), size, validation.seed, "validation", "validation.size"), apart


def _subset(raw: Raw, rows: Indices, size: int, seed: int) -> Indices:
    if size in {0, len(rows)}:
        return rows
    chosen = partition.take(raw.strata(size)[rows], size, seed, "train_size", "dataset.train_size")
    return np.asarray(rows[chosen.taken])
