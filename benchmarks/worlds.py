"""Simulated experiments whose truth is known, for ``promises.py``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from sweeper.statistics import search_luck

Rng = np.random.Generator

# Accuracy with both seeds and examples: right where ability + seed + example + rest > 0, all normal. As on MNIST,
# accuracy is 0.97, varies by 0.3 points from seed to seed, and two seeds are right on the same examples (r = 0.5).
SEED, EXAMPLE, REST, ABILITY, LESS_ABLE = 0.04, 1.0, 0.4, 2.0, 0.2
TRUE_ACCURACY = float(stats.norm.cdf(ABILITY / (SEED**2 + EXAMPLE**2 + REST**2) ** 0.5))


def correct(rng: Rng, seeds: int, examples: int, spread: float = SEED, *, skewed: bool = False) -> np.ndarray:
    by_seed = -spread * (rng.exponential(1, (seeds, 1)) - 1) if skewed else rng.normal(0, spread, (seeds, 1))
    return ABILITY + by_seed + rng.normal(0, EXAMPLE, (1, examples)) + rng.normal(0, REST, (seeds, examples)) > 0


def true_accuracy(spread: float) -> float:
    return float(stats.norm.cdf(ABILITY / (spread**2 + EXAMPLE**2 + REST**2) ** 0.5))


# What chooses: of `candidates` the best few by one seed each run again on new seeds and the same examples; the best of
# these is named. Candidates differ in ability, and each has examples that it is good at.
OWN = 0.4


def chosen(rng: Rng, candidates: int, examples: int, seeds: int = 5, few: int = 3) -> tuple[np.ndarray, float]:
    """Which examples each new seed of the one that is named has right, and its true accuracy."""
    able = ABILITY + rng.normal(0, 0.03, candidates)
    each = able[:, None] + rng.normal(0, EXAMPLE, (1, examples)) + rng.normal(0, OWN, (candidates, examples))

    def run(level: np.ndarray) -> np.ndarray:
        return level + rng.normal(0, SEED) + rng.normal(0, REST, examples) > 0

    first = np.argsort([-run(level).mean() for level in each])[:few]
    again = {n: np.stack([run(each[n]) for _ in range(seeds)]) for n in first}
    named = max(first, key=lambda n: again[n].mean())
    return again[named], float(stats.norm.cdf(able[named] / (SEED**2 + EXAMPLE**2 + OWN**2 + REST**2) ** 0.5))


# A gap: training accuracy depends on the seed a little, and on the examples that happen to be in the training set.
TRAIN, TRAIN_EXAMPLES = 0.985, 5000


def train_and_correct(rng: Rng, seeds: int, examples: int) -> tuple[np.ndarray, np.ndarray]:
    luck = rng.normal(0, (TRAIN * (1 - TRAIN) / TRAIN_EXAMPLES) ** 0.5)
    return TRAIN + luck + rng.normal(0, 0.001, seeds), correct(rng, seeds, examples)


# Runs of which some collapse, to a tenth or by a lost class.
def with_collapses(rng: Rng, mean: float, sd: float, repeats: int, share: float, depth: float = 0.86) -> np.ndarray:
    return rng.normal(mean, sd, repeats) - depth * (rng.random(repeats) < share)


# A nuisance hyperparameter in decades, tuned for each of two conditions by the same draws; each is best somewhere.
def tuned(
    rng: Rng, draws: int, members: int, repeats: int, sd: float, apart: float = 0.0
) -> tuple[list[np.ndarray], list[float]]:
    """Scores of each condition at the value that was best for it, and the luck of its search."""
    at, scores, luck = rng.uniform(-1.5, 1.5, draws), [], []
    for best in (0.0, apart):
        worth = 0.97 - 0.02 * (at - best) ** 2
        seen = worth[:, None] + rng.normal(0, sd, (draws, members))
        scores.append(worth[seen.mean(axis=1).argmax()] + rng.normal(0, sd, repeats))
        luck.append(search_luck(seen))
    return scores, luck


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
