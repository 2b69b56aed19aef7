"""Simulated experiments whose truth is known, for ``promises.py``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

Rng = np.random.Generator

# Accuracy with both seeds and examples: right where ability + seed + example + rest > 0, all normal. As on MNIST,
# accuracy is 0.97, varies by 0.3 points from seed to seed, and two seeds are right on the same examples (r = 0.5).
SEED, EXAMPLE, REST, ABILITY, LESS_ABLE = 0.04, 1.0, 0.4, 2.0, 0.2
TRUE_ACCURACY = float(stats.norm.cdf(ABILITY / (SEED**2 + EXAMPLE**2 + REST**2) ** 0.5))


def correct(rng: Rng, seeds: int, examples: int, spread: float = SEED) -> np.ndarray:
    by_seed, by_example = rng.normal(0, spread, (seeds, 1)), rng.normal(0, EXAMPLE, (1, examples))
    return ABILITY + by_seed + by_example + rng.normal(0, REST, (seeds, examples)) > 0


def shared_correctness() -> float:
    """Correlation between two seeds of being right on an example."""
    total = SEED**2 + EXAMPLE**2 + REST**2
    cut, share = ABILITY / total**0.5, EXAMPLE**2 / total
    both = stats.multivariate_normal([0, 0], [[1, share], [share, 1]]).cdf([cut, cut])
    return float((both - TRUE_ACCURACY**2) / (TRUE_ACCURACY * (1 - TRUE_ACCURACY)))


def both_models(rng: Rng, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models of equal true accuracy on the same examples: no spread by seed."""
    table = correct(rng, 2, examples, spread=0.0)
    return table[0], table[1]


def two_configurations(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Two that share seeds and examples, [5, 1000] each; the second is a little less able."""
    shared = ABILITY + rng.normal(0, SEED, (5, 1)) + rng.normal(0, EXAMPLE, (1, 1000))
    a, b = (
        shared - less + rng.normal(0, SEED, (5, 1)) + rng.normal(0, REST, (5, 1000)) > 0 for less in (0.0, LESS_ABLE)
    )
    return a, b


def true_difference_by_both() -> float:
    scale = (2 * SEED**2 + EXAMPLE**2 + REST**2) ** 0.5
    return float(stats.norm.cdf(ABILITY / scale) - stats.norm.cdf((ABILITY - LESS_ABLE) / scale))


# Accuracies by seed: conditions share what the seed does to all, and have a spread of their own.
def accuracies(rng: Rng, means: list[float], repeats: int, sd: float) -> dict[str, np.ndarray]:
    common = rng.normal(0, sd / 2, repeats)
    return {f"c{i}": mean + common + rng.normal(0, sd, repeats) for i, mean in enumerate(means)}


# A search whose score is 1 - |u - 0.3| (1 + v) / 2 over the unit square, and its true curve.
def score(points: np.ndarray) -> np.ndarray:
    return 1 - np.abs(points[..., 0] - 0.3) * (1 + points[..., 1]) / 2


SCORES = np.sort(score(np.random.default_rng(1).random((1_000_000, 2))))


def true_median(trials: int) -> np.ndarray:
    """Of the best of 1, 2, ... trials."""
    return np.quantile(SCORES, 0.5 ** (1 / np.arange(1, trials + 1)))


def random_search(trials: int) -> Callable[[Rng], np.ndarray]:
    return lambda rng: score(rng.random((trials, 2)))


def quasi_random_search(trials: int) -> Callable[[Rng], np.ndarray]:
    return lambda rng: score(stats.qmc.Sobol(2, rng=rng).random(trials))
