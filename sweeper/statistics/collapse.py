"""Runs that collapse: seen ones are counted apart from the rest, and unseen ones are not excluded by a few good runs.

Accuracies over seeds often come from two kinds of runs: most vary by tenths of a point, and now and then one loses a
class or learns nothing. A mean and a t-interval over both describe neither. So collapses are a share of runs, with the
interval of a share, and everything else is said of the runs that did not collapse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sweeper.statistics.intervals import Interval
from sweeper.statistics.samples import checked_level, sample

Flags = npt.NDArray[np.bool_]

LEAST = 0.05
"""A run has collapsed only if it is at least that far below all that have not: half of a class lost, of ten."""
ENOUGH = 0.25
"""From this distance on it has in any case; in between it must make twice as many mistakes as the others."""


@dataclass(frozen=True, slots=True)
class Collapses:
    """How many runs collapsed, and what that says of all.

    Attributes:
        seen: runs that did.
        runs: all of them.
        share: interval of the share of runs that do; where none was seen, from 0 to ``unseen``.
    """

    seen: int
    runs: int
    share: Interval


def collapsed(scores: Mapping[str, Sequence[float]]) -> dict[str, Flags]:
    """Which runs of each condition collapsed, [R] each; none where scores are no accuracies between 0 and 1.

    In a condition it is all that lie below the first gap, from the best run downwards, across which mistakes double
    and at least ``LEAST`` is lost (or ``ENOUGH``, however many mistakes there were). A condition all of whose runs are
    as low as those that collapsed elsewhere has no gap of its own: all of them collapsed.

    Args:
        scores: accuracy by name of condition; what is compared together is judged together.
    """
    values = {name: sample(each, name=name) for name, each in scores.items()}
    if any(each.min() < 0 or each.max() > 1 for each in values.values()):
        return {name: np.zeros(each.size, dtype=bool) for name, each in values.items()}
    cuts = {name: _cut(each) for name, each in values.items()}
    known = [cut for cut in cuts.values() if cut is not None]
    lowest = min(known, default=-1.0)
    return {
        name: each < (lowest if cut is None else cut)
        if cut is not None or each.max() < lowest
        else np.zeros(each.size, dtype=bool)
        for (name, each), cut in zip(values.items(), cuts.values(), strict=True)
    }


def collapses(flags: Flags, level: float = 0.95) -> Collapses:
    """The share of runs that collapse, from which of them did, [R].

    Source: Clopper and Pearson (1934) where some did; where none did, the one-sided bound (``unseen``).
    """
    seen, runs = int(flags.sum()), int(flags.size)
    low, high = _exact(seen, runs, 1 - checked_level(level)) if seen else (0.0, unseen(runs, level))
    method = "Clopper and Pearson" if seen else "exact, one-sided"
    return Collapses(seen, runs, Interval(low, high, level, method, "seeds"))


def unseen(runs: int, level: float = 0.95) -> float:
    """The largest share of runs that may collapse although none of so many did: 45 % for 5 runs, 26 % for 10.

    A share of p goes unseen in n runs with probability ``(1 - p)^n``; source: Hanley and Lippman-Hand (1983), whose
    rule of three approximates it.
    """
    return float(1.0 - (1.0 - checked_level(level)) ** (1 / runs))


def _exact(seen: int, runs: int, error: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    low = float(betaincinv(seen, runs - seen + 1, error / 2))
    return low, 1.0 if seen == runs else float(betaincinv(seen + 1, runs - seen, 1 - error / 2))


def _cut(scores: npt.NDArray[np.float64]) -> float | None:
    """The middle of the gap between the runs that collapsed and the others; None where none did."""
    ranked = np.sort(scores)[::-1]
    for good, bad in pairwise(ranked):
        if good - bad >= max(LEAST, min(ENOUGH, 1 - good)):
            return float(good + bad) / 2
    return None
