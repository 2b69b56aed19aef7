"""The difference of two means, with its standard error: paired by seed, or of separate samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweeper.statistics.intervals import Interval, two_sided_t
from sweeper.statistics.samples import Values


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of A less mean of B.

    Attributes:
        value: in the scores' unit.
        sd: standard deviation of one paired difference (for separate samples: the standard error times the
            root of the smaller one's size).
        freedom: degrees of freedom of the standard error.
        pairs: paired differences (for separate samples: runs of the smaller one).
        error: standard error of the value.
        method: how it was calculated.
    """

    value: float
    sd: float
    freedom: float
    pairs: int
    error: float
    method: str

    def interval(self, level: float) -> Interval:
        """Student's interval around it."""
        half = two_sided_t(level, self.freedom) * self.error
        return Interval(self.value - half, self.value + half, level, self.method)

    @property
    def p_value(self) -> float:
        """Two-sided, of no difference."""
        from scipy.special import stdtr

        if self.error == 0:
            return float(self.value == 0)
        return 2 * float(stdtr(self.freedom, -abs(self.value) / self.error))

    @property
    def effect(self) -> float | None:
        """Hedges' g: in standard deviations, corrected for few pairs; None where the data give no scale."""
        if self.sd == 0 or self.freedom < 2:
            return None
        return (1 - 3 / (4 * self.freedom - 1)) * self.value / self.sd


def paired_differences(first: Values, second: Values) -> Values:
    """First less second, [R]; what differs only by the rounding of 32-bit numbers is made equal."""
    rounding = _rounding(first, second)
    differences = first - second
    differences[np.abs(differences) <= rounding] = 0.0
    return np.full_like(differences, differences[0]) if np.ptp(differences) <= rounding else differences


def paired_difference(first: Values, second: Values, resolution: float = 0.0) -> Difference:
    """By shared seeds; spread below the `resolution` of the scores is rounding, and not believed.

    Where every seed gives the same difference and no resolution is known, the smallest step between any two
    scores stands in for it. Identical results differ by exactly 0. Source: Student (1908).
    """
    differences = paired_differences(first, second)
    step = resolution if np.ptp(differences) > 0 else _step(first, second, resolution)
    sd = _spread(differences, step) if differences.any() else 0.0
    value, n = float(differences.mean()), differences.size
    return Difference(value, sd, n - 1.0, n, sd / float(n) ** 0.5, "paired t")


def separate_difference(first: Values, second: Values, resolution: float = 0.0) -> Difference:
    """Of samples that share no seeds; `resolution` as in ``paired_difference``. Source: Welch (1947)."""
    varied = np.ptp(first) > 0 or np.ptp(second) > 0
    step = resolution if varied else _step(first, second, resolution)
    sizes = np.array([first.size, second.size], dtype=np.float64)
    # The resolution's rounding belongs to a difference of two scores; each has half of its variance.
    parts = np.array([_spread(values, step / 2**0.5) for values in (first, second)]) ** 2 / sizes
    total = float(parts.sum())
    # As shares of the total before they are squared, or a tiny variance's square would be nothing.
    shares = parts / total if total > 0 else parts
    freedom = 1 / float((shares**2 / (sizes - 1)).sum()) if total > 0 else float(sizes.sum()) - 2
    error, pairs = total**0.5, int(sizes.min())
    return Difference(float(first.mean() - second.mean()), error * pairs**0.5, freedom, pairs, error, "Welch's t")


def _spread(values: Values, resolution: float) -> float:
    """Standard deviation, but no less than that of the rounding of two scores to the resolution."""
    return max(float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0, resolution / 6**0.5)


def _step(first: Values, second: Values, given: float) -> float:
    """The resolution; where none is given, scores that never vary tell no finer step than the smallest seen."""
    gaps = np.diff(np.sort(np.concatenate([first, second])))
    gaps = gaps[gaps > _rounding(first, second)]
    return given if given > 0 or gaps.size == 0 else float(gaps.min())


def _rounding(first: Values, second: Values) -> float:
    return 1e-6 * float(max(np.abs(first).max(), np.abs(second).max()))
