"""Probability of improvement: how likely a run of A is to beat a run of B."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, wilson
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
    found = wilson(wins, better.size, level)
    return Improvement(wins / better.size, replace(found, over="seeds", examples=0))


def _as_long(b: Iterable[float] | Values, a: Iterable[float] | Values) -> Values:
    first, second = np.asarray(list(a), dtype=np.float64), np.asarray(list(b), dtype=np.float64)
    if first.size != second.size:
        raise InputError(
            f"a has {first.size} scores and b {second.size}: they cannot be paired", hint="share the seeds"
        )
    return second


def _sign(higher_is_better: bool) -> int:
    return 1 if higher_is_better else -1
