"""Probability of improvement: how likely a run of A is to beat a run of B."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, two_sided_z, wilson
from sweeper.statistics.samples import Values, sample


@dataclass(frozen=True, slots=True)
class Improvement:
    """P(A beats B) for one run of each, ties counting half.

    Attributes:
        probability: 0.5 where neither is ahead, 1 where A always is.
        interval: of it.
    """

    probability: float
    interval: Interval


def probability_of_improvement(
    a: Iterable[float] | Values, b: Iterable[float] | Values, level: float = 0.95, *, higher_is_better: bool = True
) -> Improvement:
    """P(A beats B) on a shared seed: the share of pairs that A wins, with Wilson's interval.

    Args:
        a: scores by seed, [R].
        b: scores of the same seeds in the same order.
        level: of the interval.
        higher_is_better: false for a loss.

    Source: Bouthillier et al. (2021), who call a difference meaningful from 0.75 on.

    Raises:
        InputError: different lengths.
    """
    better = _sign(higher_is_better) * (sample(a, name="a") - sample(_as_long(b, a), name="b"))
    wins = float((better > 0).sum() + 0.5 * (better == 0).sum())
    return Improvement(wins / better.size, wilson(wins, better.size, level))


def probability_of_improvement_unpaired(
    a: Iterable[float] | Values, b: Iterable[float] | Values, level: float = 0.95, *, higher_is_better: bool = True
) -> Improvement:
    """P(A beats B) for runs that share no seed: the share of all pairs that A wins (Mann and Whitney's U).

    Source: Agarwal et al. (2021) for the measure; its interval is Newcombe's (2006) score interval, method 5,
    as a bootstrap of a few runs is too narrow.
    """
    first, second = sample(a, name="a"), sample(b, name="b")
    better = _sign(higher_is_better) * (first[:, None] - second[None, :])
    share = float((better > 0).mean() + 0.5 * (better == 0).mean())
    low, high = _newcombe_limits(share, first.size, second.size, two_sided_z(level))
    return Improvement(share, Interval(low, high, level, "Newcombe for Mann and Whitney's U"))


def _as_long(b: Iterable[float] | Values, a: Iterable[float] | Values) -> Values:
    first, second = np.asarray(list(a), dtype=np.float64), np.asarray(list(b), dtype=np.float64)
    if first.size != second.size:
        raise InputError(
            f"a has {first.size} scores and b {second.size}: they cannot be paired", hint="share the seeds"
        )
    return second


def _sign(higher_is_better: bool) -> int:
    return 1 if higher_is_better else -1


def _newcombe_limits(share: float, m: int, n: int, z: float) -> tuple[float, float]:
    """Where the observed share is z standard deviations away, by Hanley and McNeil's variance."""
    half = (m + n) / 2 - 1

    def variance(theta: float) -> float:
        spread = 1 + half * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return theta * (1 - theta) * spread / (m * n)

    # At 0 and 1 there is no variance, so that both are solutions of their own: not the ones that are sought.
    inside = min(max(share, 1e-9), 1 - 1e-9)
    return (
        _crossing(lambda theta: share - theta - z * variance(theta) ** 0.5, 0.0, inside),
        _crossing(lambda theta: share - theta + z * variance(theta) ** 0.5, inside, 1.0),
    )


def _crossing(gap: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that falls through zero between two points does so; the end that it touches otherwise."""
    from scipy.optimize import brentq

    if gap(low) <= 0:
        return low
    return high if gap(high) >= 0 else float(brentq(gap, low, high))
