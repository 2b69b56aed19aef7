"""Confidence intervals, each naming its method.

Which varies decides which is right: examples (``wilson``, ``bootstrap_interval``), seeds
(``t_interval``), or both (``crossed.seeds_and_examples``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.samples import Values, checked_level, generator, sample

Statistic = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the true value in a share `level` of all repetitions of the experiment.

    Attributes:
        low, high: its ends, in the units of the values.
        level: 0 to 1.
        method: how it was calculated, for the reader.
    """

    low: float
    high: float
    level: float
    method: str

    @property
    def half_width(self) -> float:
        """Half of the distance between the ends."""
        return (self.high - self.low) / 2

    def contains(self, value: float) -> bool:
        """Whether a value lies in it, ends included."""
        return self.low <= value <= self.high

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
    return Interval(low, high, level, "Wilson")


def t_interval(values: Iterable[float] | Values, level: float = 0.95) -> Interval:
    """Interval for the mean over seeds, on the given examples.

    It says what further seeds would bring, not what other examples would. Source: Student (1908).

    Raises:
        InputError: fewer than two values.
    """
    data = sample(values, least=2)
    half = two_sided_t(level, data.size - 1) * float(data.std(ddof=1)) / data.size**0.5
    return Interval(float(data.mean()) - half, float(data.mean()) + half, level, "Student's t over seeds")


def bootstrap_interval(
    values: Iterable[float] | Values,
    level: float = 0.95,
    *,
    statistic: Statistic | None = None,
    kind: Literal["bca", "percentile"] = "bca",
    resamples: int = 9999,
    seed: int = 0,
) -> Interval:
    """Interval for any statistic of examples, by resampling them.

    Meant for dozens of examples and more; for a handful of seeds it is too narrow, so use ``t_interval``.

    Args:
        values: one an example, [n].
        level: 0 to 1.
        statistic: of the last axis of an array [..., n]; the mean where None is given.
        kind: bias-corrected and accelerated, or plain percentiles.
        resamples: how often to draw.
        seed: of the draws.

    Source: Efron (1987); Efron and Tibshirani (1993), chapters 13 and 14.
    """
    from scipy.stats import bootstrap

    data, measure = sample(values, least=2), statistic or _mean
    name = f"{'BCa' if kind == 'bca' else 'percentile'} bootstrap, {resamples} resamples"
    if np.ptp(data) == 0:
        constant = float(measure(data))
        return Interval(constant, constant, checked_level(level), name)
    found = bootstrap(
        (data,),
        measure,
        axis=-1,
        vectorized=True,
        n_resamples=resamples,
        # Draws are made in blocks of about 16 MB, whatever the number of examples.
        batch=max(1, 2_000_000 // data.size),
        confidence_level=checked_level(level),
        method="BCa" if kind == "bca" else "percentile",
        rng=generator(seed),
    ).confidence_interval
    return Interval(float(found.low), float(found.high), level, name)


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
    """How many standard deviations a normal interval of that level reaches to each side."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + checked_level(level) / 2))


def two_sided_t(level: float, freedom: float) -> float:
    """Student's counterpart of ``two_sided_z`` for that many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + checked_level(level) / 2))


def _mean(values: Values, axis: int = -1) -> Values:
    return np.asarray(values.mean(axis=axis), dtype=np.float64)
