"""Bounds for quantiles by the order statistics of a sample, for many quantiles at once, whatever the distribution.

Of n independent draws, the number below the quantile of probability p is binomial. So the quantile lies between the
l-th and the u-th smallest draw whenever that number is at least l and less than u; and how often that fails for any
of several probabilities depends on nothing but n and them, and can be simulated. Source: for one quantile David and
Nagaraja (2003), section 7.1; at once, as Lourie, Cho and He (2024) calibrate bands for tuning curves.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sweeper.statistics.samples import checked_level, generator

Ranks = npt.NDArray[np.int64]

SIMULATIONS = 10_000
"""Samples to calibrate by: a level of 95 % is met to 0.2 %."""


def quantile_ranks(n: int, probabilities: tuple[float, ...], level: float = 0.95) -> tuple[Ranks, Ranks]:
    """Between which draws each quantile lies, all at once in a share `level` of samples.

    Args:
        n: sample size.
        probabilities: of the quantiles, rising, between 0 and 1.
        level: of all of them together.

    Returns:
        Ranks [K] from 1 to n, lower and upper; 0 where nothing bounds it below, and n + 1 where nothing does above.
    """
    low, high = _calibrated(n, probabilities, checked_level(level))
    return low.copy(), high.copy()


@lru_cache(maxsize=32)
def _calibrated(n: int, probabilities: tuple[float, ...], level: float) -> tuple[Ranks, Ranks]:
    """At the one level of each quantile at which they hold all together."""
    from scipy.special import bdtr, bdtrc
    from scipy.stats import binom

    p = np.asarray(probabilities)
    between = np.diff(p, prepend=0.0, append=1.0)
    below = generator(0).multinomial(n, between, size=SIMULATIONS)[:, :-1].cumsum(axis=1)
    tails = np.full(SIMULATIONS, 1.0)
    for one, column in zip(p, below.T, strict=True):
        least = column.min()
        numbers = np.arange(least, column.max() + 1)  # far fewer than there are samples
        tail = np.minimum(bdtr(numbers, n, one), np.where(numbers > 0, bdtrc(numbers - 1, n, one), 1.0))
        np.minimum(tails, tail[column - least], out=tails)
    # The largest tail that leaves out no more samples than may be left out; rounding must not leave out one more.
    spent = float(np.sort(tails)[int((1 - level) * SIMULATIONS)]) * (1 - 1e-9)
    return binom.ppf(spent, n, p).astype(np.int64), binom.isf(spent, n, p).astype(np.int64) + 1
