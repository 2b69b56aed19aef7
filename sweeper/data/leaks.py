"""What gives a label away, or lets a score flatter: seen in the rows that are not sealed, and said with its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sweeper.data.columns import CATEGORY, DATE, Column
from sweeper.data.raw import Raw
from sweeper.data.row_keys import distinct, equal_are_the_rule

_HEAD = 1000
"""Rows in which most columns of measured values show a fraction."""
_PURE = 0.999
_RANKED, _DISTINCT = 2000, 0.9
"""Rows whose ranks are compared, roughly, and the share of them that must differ for that."""
_MOSTLY = 0.9
_OWNERS, _OWNED = 10, 50
"""More values than the first, with fewer rows each than the second, may be those of persons."""
_ODD, _FEW = 10, 0.1
"""So many rows of another label than most of their value has must be expected by chance, and such a share be there."""
_MOST_COUNTED = 2**20
"""Whole numbers of a smaller span are counted, which is faster than sorting."""
_SAME = 0.99
"""The share of pairs of equal rows that have one label, from which on they are copies."""
_MANY_EQUAL = 0.1
"""The share of rows with equals from which on a table is probably made of copies, ..."""
_BEYOND = 10
"""... if there are so many times as many pairs of equal rows as columns that know nothing of each other would give."""
_UNLIKELY = 6.0
"""Standard deviations by which neighbours in time must be more alike than chance."""


def found(raw: Raw, columns: Sequence[Column], *, grouped: bool, timed: bool) -> tuple[str, ...]:
    """Warnings on a table, one line each.

    Args:
        raw: the rows that are not sealed.
        columns: of the table.
        grouped: whether rows that belong together are kept together already.
        timed: whether the split follows time already.
    """
    features = [column for column in columns if column.is_feature]
    lines: list[str] = []
    if raw.numbers is not None:
        equal = () if grouped or raw.groups is None else _of_equal_rows(raw)
        return (*_of_numbers(features, raw, raw.numbers), *equal)
    for column, values in zip(features, raw.in_memory.T, strict=True):
        lines += _of_column(column, values, raw, grouped=grouped)
        if column.kind == DATE and not timed:
            lines += _of_time(column, values, raw)
    if not grouped and raw.groups is not None:
        lines += _of_equal_rows(raw)
    return tuple(lines)


def _of_numbers(features: Sequence[Column], raw: Raw, numbers: npt.NDArray[np.float64]) -> Iterator[str]:
    """Columns that are the number to predict in another unit."""
    for column, values in zip(features, raw.in_memory.T, strict=True):
        known = ~np.isnan(values)
        if column.kind == CATEGORY or known.sum() < 3 or np.ptp(values[known]) == 0 or np.ptp(numbers[known]) == 0:
            continue
        alike, of = float(np.corrcoef(values[known], numbers[known])[0, 1]), "correlation"
        if abs(alike) < _PURE:
            alike, of = _by_rank(values[known], numbers[known]), "correlation of ranks"
        if abs(alike) >= _PURE:
            yield (
                f"warning: '{column.name}' gives the number away ({of} {alike:.4f}); if it is not known "
                f"beforehand: dataset.drop=[{column.name}]"
            )


def _by_rank(values: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64]) -> float:
    """Spearman's correlation of up to some rows; 0 where many values are equal."""
    some = slice(None, None, max(1, len(values) // _RANKED))
    one, other = values[some], numbers[some]
    if min(len(np.unique(one)), len(np.unique(other))) < _DISTINCT * len(one):
        return 0.0
    first, second = (np.argsort(np.argsort(each, kind="stable"), kind="stable") for each in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


def _of_column(column: Column, values: npt.NDArray[np.float64], raw: Raw, *, grouped: bool) -> Iterator[str]:
    if column.kind != CATEGORY and _has_fractions(values[:_HEAD]):
        return
    named = np.nan_to_num(values, nan=-1.0)
    if column.kind != CATEGORY and np.any(named != np.round(named)):
        return  # measured values: no two rows need be alike
    kinds, inverse, counts = _different(named)
    many = len(raw.labels)
    if not 2 <= len(kinds) <= many // 2:
        if column.kind != CATEGORY and _sorted_by_class(values, raw):
            yield f"warning: '{column.name}' {_numbering(values)}: dataset.drop=[{column.name}]"
        return
    share = _given_away(inverse, raw, len(kinds))
    if len(kinds) == len(raw.classes) and share == 1:
        yield (
            f"warning: '{column.name}' says the label: each of its {len(kinds)} values stands for one class in all "
            f"{many:,} rows; if it is not known beforehand: dataset.drop=[{column.name}]"
        )
    elif not grouped and _are_shared(counts) and _is_of_owners(inverse, raw, len(kinds), share):
        yield (
            f"warning: '{column.name}' gives the label away: each of its {len(kinds)} values has rows of one label "
            f"({share:.0%}); if it names who or what rows belong to: validation.group={column.name}"
        )


def _is_of_owners(inverse: npt.NDArray[np.int64], raw: Raw, kinds: int, share: float) -> bool:
    """Whether rows of one value have one label: all of them, or, of many values with a few rows each, nearly all."""
    many = len(raw.labels)
    if share >= _PURE:
        return kinds > 2 * len(raw.classes)
    if kinds <= _OWNERS or kinds * _OWNED < many:
        return False
    shuffled = replace(raw, labels=np.random.default_rng(0).permutation(raw.labels))
    by_chance = many * (1 - _given_away(inverse, shuffled, kinds))
    return by_chance >= _ODD and bool(many * (1 - share) <= _FEW * by_chance)


def _are_shared(counts: npt.NDArray[np.int64]) -> bool:
    """Whether nearly all rows share their value with others; of a few, the others may be sealed."""
    return float(counts[counts > 1].sum()) >= _MOSTLY * float(counts.sum())


def _different(
    whole: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The different whole numbers, by size, the place among them of each, and how often each is there."""
    low, high = whole.min(), whole.max()
    if high - low > _MOST_COUNTED:
        return np.unique(whole, return_inverse=True, return_counts=True)
    from_zero = (whole - low).astype(np.int64)
    counts = np.bincount(from_zero)
    kinds = np.flatnonzero(counts)
    places = np.zeros(len(counts), np.int64)
    places[kinds] = np.arange(len(kinds))
    return kinds + low, places[from_zero], counts[kinds]


def _has_fractions(values: npt.NDArray[np.float64]) -> bool:
    return bool(np.any(np.isfinite(values) & (values != np.round(values))))


def _given_away(inverse: npt.NDArray[np.int64], raw: Raw, kinds: int) -> float:
    """The share of rows whose label is the commonest of their value."""
    many = len(raw.classes)
    table = np.bincount(inverse * many + raw.labels, minlength=kinds * many).reshape(kinds, many)
    return float(table.max(axis=1).sum() / len(raw.labels))


def _numbering(values: npt.NDArray[np.float64]) -> str:
    if np.ptp(values) <= 2 * len(values):
        return "counts the rows, which are sorted by class"
    return "has no two values alike, and the classes in blocks, as if it numbered rows that are sorted by class"


def _sorted_by_class(values: npt.NDArray[np.float64], raw: Raw) -> bool:
    """Whether whole numbers, no two alike, have the classes in blocks."""
    if np.isnan(values).any() or np.any(values != np.round(values)) or len(np.unique(values)) < len(values):
        return False
    ordered = raw.labels[np.argsort(values)]
    return int(np.sum(ordered[1:] != ordered[:-1])) < 2 * len(raw.classes)


def _of_time(column: Column, values: npt.NDArray[np.float64], raw: Raw) -> Iterator[str]:
    """Neighbours in time that have the same label more often than chance (a test of runs)."""
    known = ~np.isnan(values)
    ordered = raw.labels[known][np.argsort(values[known], kind="stable")]
    if len(ordered) < 20:
        return
    alike = float(np.mean(ordered[1:] == ordered[:-1]))
    chance = float(np.sum((np.bincount(ordered) / len(ordered)) ** 2))
    if alike - chance > _UNLIKELY * (max(chance * (1 - chance), 1e-9) / (len(ordered) - 1)) ** 0.5:
        yield (
            f"warning: rows next to each other in '{column.name}' have the same label in {alike:.0%} of cases (by "
            f"chance {chance:.0%}); to validate on the latest rows: validation.time={column.name}"
        )


def _alike(groups: npt.NDArray[np.int64], raw: Raw) -> bool:
    """Whether rows that are equal have equal labels, too, as copies have; of coarse columns alone they would differ."""
    _, labels = np.unique(raw.truth, return_inverse=True)
    both = np.unique(groups * (labels.max() + 1) + labels, return_counts=True)[1]
    return _pairs(both) >= _SAME * _pairs(np.bincount(groups))


def _pairs(counts: npt.NDArray[np.int64]) -> float:
    return float((counts * (counts - 1.0)).sum() / 2)


def _pairs_by_chance(raw: Raw) -> float:
    """Pairs of equal rows to be expected of columns that are independent of each other."""
    many = len(raw.labels)
    every = many * (many - 1.0) / 2
    for column in raw.in_memory.T:
        every *= _pairs(np.unique(column, return_counts=True)[1]) / (many * (many - 1.0) / 2)
    return every


def _of_equal_rows(raw: Raw) -> Iterator[str]:
    assert raw.groups is not None
    if distinct(raw.groups) == len(raw.groups):
        return
    _, inverse, counts = np.unique(raw.groups, return_inverse=True, return_counts=True)
    equal = int(counts[counts > 1].sum())
    if not equal:
        return
    many = len(raw.labels)
    if equal_are_the_rule(raw.groups):
        yield f"warning: {equal:,} of {many:,} rows have equals; equal rows are on both sides of the validation split"
    elif equal >= max(2, 0.01 * many):
        # Kept on one side, a few do no harm; and of few and coarse columns many rows are equal by chance.
        copies = (
            equal >= _MANY_EQUAL * many and _alike(inverse, raw) and _pairs(counts) > _BEYOND * _pairs_by_chance(raw)
        )
        said = "warning: " if copies else ""
        yield (
            f"{said}{equal:,} of {many:,} rows have equals ({int((counts > 1).sum()):,} distinct ones): equal rows "
            "are kept on one side of each split; rows that only belong together are with validation.group=COLUMN"
        )
