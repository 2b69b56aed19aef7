"""How much the best of many flatters itself: the bias of choosing and scoring by the same examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.statistics.intervals import Interval, two_sided_t
from sweeper.statistics.samples import Values, checked_level, sample


@dataclass(frozen=True, slots=True)
class Flattery:
    """By how much the score of the best of k candidates exceeds its true value, on average.

    Attributes:
        candidates: k.
        expected: for each k, in the scores' unit, exact for normal noise.
        asymptotic: for each k, ``sqrt(2 ln k)`` standard deviations, which the former grows like.
    """

    candidates: tuple[int, ...]
    expected: tuple[float, ...]
    asymptotic: tuple[float, ...]


def selection_bias(candidates: Sequence[int], noise: float, spread: float = 0.0) -> Flattery:
    """Theory's curve of how the best of k flatters.

    Args:
        candidates: numbers k to give it for.
        noise: standard deviation of a score around its true value: ``sqrt(p (1 - p) / N)`` for accuracy on N
            examples that the candidates do not share, and less by what they have in common if they do.
        spread: standard deviation of the candidates' true values. If they really differ, the best is partly
            rightly the best: the bias shrinks by ``noise / sqrt(noise^2 + spread^2)``.

    Source: expected maximum of normals (Tippett 1925; David and Nagaraja 2003); its use for the choice among
    models: Cawley and Talbot (2010), Dwork et al. (2015). The shrinkage is the normal posterior mean's.
    """
    total = (noise**2 + spread**2) ** 0.5
    scale = noise**2 / total if total > 0 else 0.0
    exact = tuple(scale * expected_maximum(k) for k in candidates)
    return Flattery(tuple(candidates), exact, tuple(scale * float(np.sqrt(2 * np.log(k))) for k in candidates))


def interval_of_best(
    values: Iterable[float] | Values, candidates: int, *, higher_is_better: bool = True, level: float = 0.95
) -> Interval:
    """Student's interval for the mean over seeds of that candidate whose mean is the best of several.

    It was named for its high mean, which is luck in part: the end towards worse values has to be farther off. By
    Bonferroni's bound its error is ``(1 - level) / candidates``, for the error of the other end, which choosing makes
    rarer, stays at half of ``1 - level``. With two candidates that is the plain interval; with a clear winner it is
    up to half of ``1 - level`` wider than it had to be.

    Source: the bound of Benjamini, Hechtlinger and Stark (2019) for the largest of several means.

    Raises:
        InputError: fewer than two values.
    """
    data, error = sample(values, least=2), 1 - checked_level(level)
    scale = float(data.std(ddof=1)) / data.size**0.5
    plain = scale * two_sided_t(level, data.size - 1)
    wide = scale * two_sided_t(1 - 2 * min(error / 2, error / candidates), data.size - 1)
    below, above = (wide, plain) if higher_is_better else (plain, wide)
    mean = float(data.mean())
    method = "Student's t over seeds" + (f", for the best of {candidates}" if candidates > 2 else "")
    return Interval(mean - below, mean + above, level, method)


def accuracy_noise(accuracy: float, examples: int) -> float:
    """Standard deviation of accuracy over sets of that many examples: the binomial's."""
    return float(np.sqrt(accuracy * (1 - accuracy) / examples))


def expected_maximum(k: int) -> float:
    """Mean of the greatest of k standard normal numbers: 0, 0.5642, 0.8463, ...; source: Tippett (1925)."""
    from scipy.special import log_ndtr

    # Its mean is the area above the distribution function at x > 0, less that below it at x < 0.
    x = np.linspace(0.0, 12.0, 24_001)
    above, below = -np.expm1(k * log_ndtr(x)), np.exp(k * log_ndtr(-x))
    return float(np.trapezoid(above - below, x))
