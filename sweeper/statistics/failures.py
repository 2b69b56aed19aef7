"""What failed trials share: values that are over-represented among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.multiple import holm

Flags = npt.NDArray[np.bool_]
Params = Mapping[str, object]

MOST_CATEGORIES = 5
"""A number with more distinct values than this is looked at by quarters of its distribution."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A value, or a range of values, that failed trials have more often than others.

    Attributes:
        key: the hyperparameter.
        value: its value or range, as text.
        failed: failed trials with it.
        trials: trials with it.
        lift: how many times as likely as all trials of this key a trial with it is to fail.
        p_value: one-sided, Fisher's exact, corrected for all values looked at (Holm).
    """

    key: str
    value: str
    failed: int
    trials: int
    lift: float
    p_value: float


def shared_by_failures(params: Sequence[Params], failed: Sequence[bool], level: float = 0.95) -> tuple[Shared, ...]:
    """Values over-represented among failed trials, the greatest lift first; empty where chance explains all.

    Args:
        params: hyperparameters of each trial; a conditional one may be missing.
        failed: which of them failed, in the same order.
        level: 1 less the rate of false alarms over all values looked at.

    Source: Fisher (1935), the exact test of a two by two table; Holm (1979).

    Raises:
        InputError: the two are of different lengths.
    """
    if len(params) != len(failed):
        raise InputError(f"{len(params)} trials and {len(failed)} outcomes do not match", hint="give one for each")
    keys = sorted({key for one in params for key in one})
    rows = [row for key in keys for row in _of_key(key, params, failed)]
    if not rows:
        return ()
    adjusted = holm([row.p_value for row in rows])
    found = [replace(row, p_value=p) for row, p in zip(rows, adjusted, strict=True) if p <= 1 - level]
    return tuple(sorted(found, key=lambda row: (-row.lift, row.p_value)))


def _of_key(key: str, params: Sequence[Params], failed: Sequence[bool]) -> list[Shared]:
    have = [(one[key], bad) for one, bad in zip(params, failed, strict=True) if key in one]
    labels = _labels([value for value, _ in have])
    bad = np.array([failure for _, failure in have], dtype=bool)
    if not bad.any() or len(set(labels)) < 2:
        return []
    return [_shared(key, label, np.array([one == label for one in labels]), bad) for label in dict.fromkeys(labels)]


def _shared(key: str, label: str, has: Flags, bad: Flags) -> Shared:
    from scipy.stats import hypergeom

    both, with_it = int((has & bad).sum()), int(has.sum())
    p_value = float(hypergeom.sf(both - 1, bad.size, int(bad.sum()), with_it))
    return Shared(key, label, both, with_it, (both / with_it) / float(bad.mean()), min(1.0, p_value))


def _labels(values: Sequence[object]) -> list[str]:
    """The values as text; many different numbers as quarters of their distribution."""
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) < len(values) or len(set(numbers)) <= MOST_CATEGORIES:
        return [str(value) for value in values]
    edges = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1])
    quarters = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, 3)
    return [f"{edges[q]:.3g} to {edges[q + 1]:.3g}" for q in quarters]
