"""Confidence intervals, each naming its method.

What varies decides which is right: examples (``wilson``), seeds (``t_interval``), or both
(``crossed.seeds_and_examples``); each interval says it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import NormalDist

from sweeper.errors import InputError
from sweeper.statistics.samples import Values, checked_level, sample


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the true value in a share `level` of all repetitions of the experiment.

    Attributes:
        low, high: its ends, in the units of the values.
        level: 0 to 1.
        method: how it was calculated, for the reader.
        over: what it varies over: ``seeds``, ``examples``, ``seeds and examples``; empty for anything else.
        examples: on how many of them; 0 where that is not known, or is beside the point.
        chosen_on: the split, where the same one also chose what it is of: ``validation``; else empty.
    """

    low: float
    high: float
    level: float
    method: str
    over: str = ""
    examples: int = 0
    chosen_on: str = ""

    @property
    def half_width(self) -> float:
        """Half of the distance between the ends."""
        return (self.high - self.low) / 2

    def contains(self, value: float) -> bool:
        """Whether a value lies in it, ends included."""
        return self.low <= value <= self.high

    def clipped(self, low: float = 0.0, high: float = 1.0) -> Interval:
        """The part of it that there can be, of a share from 0 to 1: Student's interval knows nothing of such limits."""
        return replace(self, low=min(max(low, self.low), high), high=max(min(high, self.high), low))

    def within(self, margin: float) -> bool:
        """Whether all of it lies between ``-margin`` and ``margin``."""
        return -margin <= self.low and self.high <= margin


def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
    """Score interval for a proportion, such as the accuracy of one model on n examples.

    Half successes are allowed (a tie counts half). Source: Wilson (1927); recommended over the
    textbook's for proportions near 1 by Brown, Cai and DasGupta (2001).

    Raises:
        InputError: no examples, or more successes than examples.
    """
    if n < 1 or not 0 <= successes <= n:
        raise InputError(f"{successes:g} of {n} is not a proportion", hint="successes go from 0 to n, and n from 1")
    low, high = score_interval(float(successes) / n, n, two_sided_z(level))
    return Interval(low, high, level, "Wilson", "examples", n)


def t_interval(values: Iterable[float] | Values, level: float = 0.95, *, examples: int = 0) -> Interval:
    """Interval for the mean over seeds, on the given examples.

    It says what further seeds would bring, not what other examples would, and it believes that seeds vary like a
    normal distribution: take collapses out first. Source: Student (1908).

    Args:
        values: one a seed, [R].
        level: 0 to 1.
        examples: that accuracies were counted on; equal scores have no less spread than such counts can hide, and
            the interval ends at 0 and 1.

    Raises:
        InputError: fewer than two values.
    """
    data = sample(values, least=2)
    half = two_sided_t(level, data.size - 1) * spread(data, examples) / data.size**0.5
    mean = float(data.mean())
    found = Interval(mean - half, mean + half, level, "Student's t over seeds", "seeds", examples)
    return found.clipped() if examples else found


def spread(values: Values, examples: int = 0) -> float:
    """Standard deviation over seeds, [R], but no less than ``1 / (N sqrt 12)``, that of rounding to 1/N."""
    # Equal numbers have a standard deviation of some last digits.
    found = float(values.std(ddof=1)) if values.max() > values.min() else 0.0
    return max(found, 1 / (examples * 12**0.5)) if examples else found


def score_interval(proportion: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's formula for a proportion out of n, which need not be whole (an effective sample size)."""
    centre = proportion + z * z / (2 * n)
    half = z * (proportion * (1 - proportion) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    # At 0 and 1 the formula is exact; rounding must not push the end past them.
    low = 0.0 if proportion == 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if proportion == 1 else min(1.0, (centre + half) / scale)
    return low, high


def two_sided_z(level: float) -> float:
    """How many standard deviations a normal interval of that level reaches to each side.

    By Wichura's algorithm AS 241, as Python has it: importing SciPy's takes 0.3 s, at the end of every run.
    """
    below = 0.5 + checked_level(level) / 2
    return NormalDist().inv_cdf(below) if below < 1 else math.inf


def two_sided_t(level: float, freedom: float) -> float:
    """Student's counterpart of ``two_sided_z`` for that many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + checked_level(level) / 2))
