"""Simultaneous confidence bands for a distribution function, whatever the distribution.

A band is a pair of arrays over the sorted sample: between its i-th and (i+1)-th value the distribution
function lies between ``low[i]`` and ``high[i]``, i = 0..n; all at once in a share `level` of samples.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from sweeper.report.statistics.samples import Values, checked_level, generator

Kind = Literal["highest-density", "equal-tailed", "dkw"]

DRAWS = 4_000_000
"""Uniform numbers drawn to calibrate a band: about 80,000 samples of 50."""


def band(n: int, level: float = 0.95, kind: Kind = "highest-density") -> tuple[Values, Values]:
    """The band for a sample of n, [n + 1] each: lower and upper.

    Args:
        n: sample size.
        level: of the whole band.
        kind: Learned-Miller and DeStefano's (2008) band from intervals of the order statistics, of highest
            density (tightest at the upper end, which tuning curves live on) or equal tails, as Lourie, Cho
            and He (2024) use it; or Dvoretzky, Kiefer and Wolfowitz's (1956), with Massart's (1990) constant.
    """
    if kind == "dkw":
        return _dkw(n, checked_level(level))
    low, high = _calibrated(n, checked_level(level), kind == "highest-density")
    return np.concatenate([[0.0], low]), np.concatenate([high, [1.0]])


def _dkw(n: int, level: float) -> tuple[Values, Values]:
    reach = (np.log(2 / (1 - level)) / (2 * n)) ** 0.5
    steps = np.arange(n + 1) / n
    return np.clip(steps - reach, 0, 1), np.clip(steps + reach, 0, 1)


@lru_cache(maxsize=32)
def _calibrated(n: int, level: float, densest: bool) -> tuple[Values, Values]:
    """Intervals of all order statistics at the one level at which they hold all together in `level` of samples."""
    uniform = np.sort(generator(0).random((max(2_000, min(20_000, DRAWS // n)), n)), axis=1)
    ranks = np.arange(1, n + 1, dtype=np.float64)
    # One by one they must hold at `level` at least, and by Bonferroni at 1 - (1 - level) / n at most.
    below, above = level, 1 - (1 - level) / n
    for _ in range(12):
        middle = (below + above) / 2
        low, high = _intervals(ranks, n + 1 - ranks, middle, densest)
        held = float(((low <= uniform) & (uniform <= high)).all(axis=1).mean())
        below, above = (below, middle) if held >= level else (middle, above)
    return _intervals(ranks, n + 1 - ranks, above, densest)


def _intervals(a: Values, b: Values, level: float, densest: bool) -> tuple[Values, Values]:
    """Intervals of Beta(a, b) variables that hold a share `level` of each."""
    from scipy.special import betaincinv

    tail = _lower_tail(a, b, level) if densest else np.full_like(a, (1 - level) / 2)
    return np.asarray(betaincinv(a, b, tail)), np.asarray(betaincinv(a, b, np.minimum(1.0, tail + level)))


def _lower_tail(a: Values, b: Values, level: float) -> Values:
    """The mass to leave out below, so that both ends of the interval are equally dense (or one is the border)."""
    from scipy.special import betaincinv

    low, high = np.zeros_like(a), np.full_like(a, 1 - level)
    for _ in range(24):
        tail = (low + high) / 2
        denser_left = _log_density(a, b, betaincinv(a, b, tail)) >= _log_density(a, b, betaincinv(a, b, tail + level))
        low, high = np.where(denser_left, low, tail), np.where(denser_left, tail, high)
    # The first and the last order statistic are densest at the border itself.
    return np.where(a == 1, 0.0, np.where(b == 1, 1 - level, (low + high) / 2))


def _log_density(a: Values, b: Values, x: npt.NDArray[np.float64]) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        density = (a - 1) * np.log(x) + (b - 1) * np.log1p(-x)
    return np.asarray(np.where(np.isnan(density), 0.0, density), dtype=np.float64)
