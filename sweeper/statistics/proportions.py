"""Two proportions: the difference of two accuracies, by independent examples or by the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, wilson
from sweeper.statistics.samples import truths


@dataclass(frozen=True, slots=True)
class McNemar:
    """Two models on the same examples.

    Attributes:
        both, only_a, only_b, neither: how many examples are classified rightly by whom.
        difference: accuracy of A less that of B.
        interval: of the difference over examples.
        p_exact: two-sided, exact; never too small, often too large.
        p_mid: two-sided mid-p; its rate of false alarms is close to what it says.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    difference: float
    interval: Interval
    p_exact: float
    p_mid: float


def mcnemar(
    correct_a: Iterable[float] | npt.NDArray[np.generic],
    correct_b: Iterable[float] | npt.NDArray[np.generic],
    level: float = 0.95,
) -> McNemar:
    """Compare two trained models by example: only those count on which one is right and the other wrong.

    It speaks of these two models, not of their configurations: for those, repeat with other seeds.
    Source: McNemar (1947); the mid-p version is Fagerland, Lydersen and Laake's (2013) recommendation.

    Args:
        correct_a: whether A was right on each example, [N].
        correct_b: likewise, on the same examples.
        level: of the interval.

    Raises:
        InputError: different lengths, or values besides true and false.
    """
    a, b = truths(correct_a, dimensions=1, name="a"), truths(correct_b, dimensions=1, name="b")
    if a.size != b.size:
        raise InputError(f"a has {a.size} examples and b {b.size}", hint="evaluate both on the same examples")
    both, only_a, only_b = int((a * b).sum()), int((a * (1 - b)).sum()), int((b * (1 - a)).sum())
    neither = a.size - both - only_a - only_b
    exact, mid = _binomial_p_values(only_a, only_b)
    interval = newcombe_paired(both, only_a, only_b, neither, level)
    return McNemar(both, only_a, only_b, neither, (only_a - only_b) / a.size, interval, exact, mid)


def newcombe_paired(both: int, only_a: int, only_b: int, neither: int, level: float = 0.95) -> Interval:
    """Interval for the difference of two proportions of the same examples, A less B.

    Source: Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions
    based on paired data", method 10.
    """
    n = both + only_a + only_b + neither
    a, b = wilson(both + only_a, n, level), wilson(both + only_b, n, level)
    p, q = (both + only_a) / n, (both + only_b) / n
    below, above = (p - a.low, b.high - q), (a.high - p, q - b.low)
    correlation = _phi(both, only_a, only_b, neither)
    low, high = (max(0.0, x * x - 2 * correlation * x * y + y * y) ** 0.5 for x, y in (below, above))
    return Interval(
        max(-1.0, p - q - low), min(1.0, p - q + high), level, "Newcombe for the same examples", "examples", n
    )


def _phi(both: int, only_a: int, only_b: int, neither: int) -> float:
    """Newcombe's correlation of the two, with his correction of continuity where it is positive."""
    margins = (both + only_a) * (only_b + neither) * (both + only_b) * (only_a + neither)
    if margins == 0:
        return 0.0
    cross, n = both * neither - only_a * only_b, both + only_a + only_b + neither
    return float((max(0.0, cross - n / 2) if cross > 0 else cross) / float(margins) ** 0.5)


def _binomial_p_values(only_a: int, only_b: int) -> tuple[float, float]:
    """Exact and mid-p, two-sided, of a split of the discordant examples that is as uneven as this or more."""
    from scipy.special import bdtr, gammaln

    n, fewer = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0, 1.0
    here = float(np.exp(gammaln(n + 1) - gammaln(fewer + 1) - gammaln(n - fewer + 1) - n * np.log(2)))
    both_tails = 2 * float(bdtr(fewer, n, 0.5))
    return min(1.0, both_tails), min(1.0, both_tails - here)
