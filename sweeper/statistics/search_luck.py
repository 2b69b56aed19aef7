"""The luck of a search: made again, it would have chosen other values, worth more or less.

Conditions that are compared "each at its own best" are compared at what one search each happened to find. How far that
moves a condition's accuracy is estimated from the search's own scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.samples import Values, generator

RESAMPLES = 400


def search_luck(scores: Sequence[Sequence[float]], *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Standard deviation, over searches made again, of the accuracy that the chosen draw is worth.

    It has two parts. The choice among these draws goes by noisy means: the noise of their seeds is added anew, the
    best is taken, and what counts is its mean without that noise. And other draws would have come nearer to the best
    value or less near: by about as much as the best draw is ahead of the next, beyond what noise alone makes of that.

    Args:
        scores: of each draw of the search, one a seed, [B][M]; draws with one seed lend the noise of the others.
        resamples: choices made again.
        seed: of them.

    Source: the parametric bootstrap for the choice, half of the jackknife's variance of a maximum for the draws (Efron
    and Tibshirani 1993, chapters 6 and 11); that a comparison has to count the variance of the hyperparameter search
    is Bouthillier et al. (2021).

    Raises:
        InputError: there are no draws.
    """
    draws = [np.asarray(each, dtype=np.float64) for each in scores if len(each)]
    if not draws:
        raise InputError("a search without draws has no luck", hint="leave it out")
    means, noise = np.array([each.mean() for each in draws]), _noise(draws)
    seen = means + generator(seed).normal(size=(resamples, means.size)) * noise
    chosen = float(means[seen.argmax(axis=1)].var())
    return float((chosen + _apart(means, noise)) ** 0.5)


def _apart(means: Values, noise: Values) -> float:
    """The variance that other draws would have brought."""
    if means.size < 2:
        return 0.0
    first, second = np.argsort(-means, kind="stable")[:2]
    return max(0.0, float((means[first] - means[second]) ** 2 - noise[[first, second]].mean() ** 2)) / 2


def _noise(draws: Sequence[Values]) -> Values:
    """Standard error of each draw's mean.

    It is the one that half of the draws exceed: some draws hardly train, and vary as no good one does.
    """
    known = [float(each.std(ddof=1)) for each in draws if each.size > 1]
    sd = float(np.median(known)) if known else 0.0
    return np.array([sd / each.size**0.5 for each in draws])
