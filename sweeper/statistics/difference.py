"""The difference of two means over shared seeds, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweeper.statistics.intervals import Interval, two_sided_t, two_sided_z
from sweeper.statistics.samples import Values


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of A less mean of B.

    Attributes:
        value: in the scores' unit.
        sd: standard deviation of one paired difference.
        freedom: degrees of freedom of the standard error.
        pairs: paired differences.
        luck: standard deviation of what a search added to it, the same for every pair.
        method: how it was calculated.
    """

    value: float
    sd: float
    freedom: float
    pairs: int
    luck: float = 0.0
    method: str = "paired t"

    @property
    def error(self) -> float:
        """Standard error of the value."""
        return float((self.sd**2 / self.pairs + self.luck**2) ** 0.5)

    def interval(self, level: float) -> Interval:
        """Student's interval around it; luck adds to it as the squares do, by the normal distribution."""
        by_seed = two_sided_t(level, self.freedom) * self.sd / float(self.pairs) ** 0.5
        half = (by_seed**2 + (two_sided_z(level) * self.luck) ** 2) ** 0.5
        return Interval(self.value - half, self.value + half, level, self.method, "seeds")

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


def paired_difference(
    first: Values, second: Values, resolution: float = 0.0, *, identical: bool = False, luck: float = 0.0
) -> Difference:
    """Mean difference over shared seeds; spread below the `resolution` of the scores is rounding, and not believed.

    Where every seed gives the same difference and no resolution is known, the smallest step between any two
    scores stands in for it. Source: Student (1908).

    Args:
        first: scores by seed, [R].
        second: those of the same seeds.
        resolution: step between scores that can be told apart.
        identical: both are one configuration, which alone makes differences that are all zero certain.
        luck: standard deviation of what a search added to the difference, the same for every seed.
    """
    differences = paired_differences(first, second)
    step = resolution if np.ptp(differences) > 0 else _step(first, second, resolution)
    sd = 0.0 if identical and not differences.any() else _spread(differences, step)
    value, n = float(differences.mean()), differences.size
    return Difference(value, sd, n - 1.0, n, luck)


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
