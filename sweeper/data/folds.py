"""Rows divided into folds: by class, by group, or in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sweeper.data.partition import ClassError, Cut, shuffled_order, strata_of
from sweeper.data.row_keys import Keys, mixed
from sweeper.data.split import Labels
from sweeper.errors import InputError

_KEY = "validation.folds"


def at_random(labels: Labels, groups: Keys | None, count: int, seed: int) -> list[Cut]:
    """Divide rows into folds of nearly the same size, each class in proportion; each fold is ``taken`` once.

    Args:
        labels: [N].
        groups: [N], equal for rows that stay together; None where each is by itself.
        count: of folds.
        seed: of the choice.

    Raises:
        InputError: a class has fewer rows, or groups, than there are folds.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    if sizes.min() < count:
        rare = int(classes[np.argmin(sizes)])
        raise ClassError(rare, f"has {sizes.min()} examples, too few for {count} folds", "use fewer", _KEY)
    if groups is None:
        order = shuffled_order(len(labels), seed, "folds")
        number = np.empty(len(labels), np.int64)
        number[order[np.argsort(labels[order], kind="stable")]] = np.arange(len(labels)) % count
    else:
        number = _folds_of_groups(labels, groups, count, seed)
    for label in classes:
        if len(np.unique(number[labels == label])) < 2:
            raise ClassError(label, f"is in one group, too few for {count} folds", "use fewer", _KEY)
    return [Cut(rest=np.flatnonzero(number != fold), taken=np.flatnonzero(number == fold)) for fold in range(count)]


def in_time(moments: npt.NDArray[np.float64], count: int) -> list[Cut]:
    """Folds in time: rows in order are cut into one part more than there are folds, and each part but the first
    is ``taken`` once, with all rows before it to train on. Rows of one moment stay together.

    Raises:
        InputError: there are too few moments.
    """  # noqa: D205 - one sentence
    limits = np.unique(np.quantile(moments, np.arange(1, count + 1) / (count + 1), method="higher"))
    if len(limits) < count or limits[0] <= moments.min():
        raise _too_few(f"there are {len(np.unique(moments)):,} different times", count)
    ends = [*limits[1:], np.inf]
    return [
        Cut(rest=np.flatnonzero(moments < start), taken=np.flatnonzero((moments >= start) & (moments < end)))
        for start, end in zip(limits, ends, strict=True)
    ]


def _folds_of_groups(labels: Labels, groups: Keys, count: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold of each row: whole groups, each to the fold that has least of its class, the large ones first."""
    names, firsts, inverse, members = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    if len(names) < count:
        raise _too_few(f"there are {len(names)} groups", count)
    ranks = mixed(names ^ mixed(np.array([seed + 1], np.uint64)))
    kinds, kind = np.unique(strata_of(labels, groups)[firsts], return_inverse=True)
    filled, totals = np.zeros((len(kinds), count), np.int64), np.zeros(count, np.int64)
    chosen = np.empty(len(names), np.int64)
    for group in np.lexsort((ranks, -members)):
        fold = int(np.lexsort((totals, filled[kind[group]]))[0])
        chosen[group] = fold
        filled[kind[group], fold] += members[group]
        totals[fold] += members[group]
    return np.asarray(chosen[inverse])


def _too_few(why: str, count: int) -> InputError:
    return InputError(f"{why}, too few for {count} folds", hint="use fewer", key=_KEY)
