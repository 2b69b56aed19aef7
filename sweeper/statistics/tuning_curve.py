"""Tuning curves: the best validation score to expect from a number of trials, with a band around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.bands import quantile_ranks
from sweeper.statistics.samples import Values, sample

Counts = npt.NDArray[np.int64]
MOST_POINTS = 100
VALID_SAMPLERS = ("random", "qmc")


@dataclass(frozen=True, slots=True)
class TuningCurve:
    """Best score against the number of trials.

    Attributes:
        trials: 1, 2, ..., N; of more than 100 trials, 100 or fewer of these numbers, denser at the small ones.
        expected: mean best score of that many trials.
        median: half of all searches of that many trials find a better one.
        low, high: the median's band, which holds for all numbers of trials at once; empty where there is none.
        level: of the band.
        method: of estimates and band.
        valid: whether there is a band.
        why: the reason, for the reader; not empty.
    """

    trials: tuple[int, ...]
    expected: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    level: float
    method: str
    valid: bool
    why: str


def tuning_curve(
    scores: Iterable[float] | Values,
    *,
    sampler: str,
    pruned: int = 0,
    chosen: int = 0,
    limits: tuple[float, float] = (0.0, 1.0),
    level: float = 0.95,
    higher_is_better: bool = True,
) -> TuningCurve:
    """Best validation score to expect of 1 to N trials, from the N trials of one search.

    The median of the best of n is the quantile of probability ``0.5 ** (1 / n)`` of a single trial's score, and its
    band comes of bounds for these quantiles together: it covers at its level, neither less nor more, whatever the
    distribution. For the mean there is no such band: what holds for any distribution is far too wide for most.

    Args:
        scores: final validation scores, [N], two or more; a failed trial counts as the worst.
        sampler: which made the trials: a band is valid for random and quasi-random ones.
        pruned: how many of them were stopped early.
        chosen: how many were chosen by hand or taken over from another study.
        limits: the least and greatest score that there can be; of a loss, infinity.
        level: of the band.
        higher_is_better: false for a loss, where the curve falls.

    Source: the mean is the unbiased estimator of Tang et al. (2020), which mends that of Dodge et al. (2019); the
    median, and bands that hold at once, are those of Lourie, Cho and He (2024).

    Raises:
        InputError: fewer than two scores, or one outside the limits.
    """
    data = sample(scores, least=2, name="trials")
    if data.min() < limits[0] or data.max() > limits[1]:
        raise InputError(
            f"scores from {data.min():g} to {data.max():g} leave the limits {limits[0]:g} to {limits[1]:g}",
            hint="give the least and greatest score that there can be",
            key="limits",
        )
    sign = 1.0 if higher_is_better else -1.0
    values, counts = np.sort(sign * data), _counts(data.size)
    ends = limits if higher_is_better else (-limits[1], -limits[0])
    valid, why = validity(sampler, pruned=pruned, chosen=chosen)
    low, high = _band(values, ends, counts, level) if valid else (np.empty(0), np.empty(0))
    if not np.isfinite([*low, *high]).all():
        valid, why, low, high = False, "so few trials bound nothing", np.empty(0), np.empty(0)
    return TuningCurve(
        trials=tuple(int(count) for count in counts),
        expected=_shown(sign * expected_best(values, counts)),
        median=_shown(sign * _median_best(values, counts)),
        low=_shown(sign * (low if higher_is_better else high)),
        high=_shown(sign * (high if higher_is_better else low)),
        level=level,
        method="unbiased mean, and median, of the best; the median's band from order statistics",
        valid=valid,
        why=why,
    )


def expected_best(scores: Iterable[float] | Values, counts: Counts | None = None) -> Values:
    """Mean of the best of n scores drawn from N without replacement, for n = 1..N (or those asked for): unbiased.

    The share of subsets of n whose best is at most the i-th score is ``C(i, n) / C(N, n)``. Source: Tang et al. (2020).
    """
    from scipy.special import gammaln

    values = np.sort(sample(scores, name="trials"))
    ranks, asked = np.arange(1, values.size + 1), np.arange(1, values.size + 1) if counts is None else counts
    left = ranks - asked[:, None]
    logs = gammaln(ranks + 1.0) - gammaln(np.maximum(left, 0) + 1.0)
    share = np.where(left >= 0, np.exp(logs - logs[:, -1:]), 0.0)
    return np.asarray(np.diff(share, axis=1, prepend=0.0) @ values, dtype=np.float64)


def validity(sampler: str, *, pruned: int = 0, chosen: int = 0) -> tuple[bool, str]:
    """Whether a tuning curve's band means what it says for trials made so, and why.

    Source: Lourie, Cho and He (2024), section on assumptions: scores must be independent draws.
    """
    if sampler not in VALID_SAMPLERS:
        return False, (
            f"{sampler} chooses each trial by the ones before it, so that trials are not independent draws: "
            "the curve describes this one search, and its band cannot be trusted"
        )
    if chosen:
        return False, f"{chosen} trials were chosen, not drawn: the band cannot be trusted"
    if pruned:
        return False, f"{pruned} trials were stopped early, so that their final scores are not known"
    if sampler == "qmc":
        return (
            True,
            "quasi-random trials cover the space more evenly than random ones, so the band errs on the wide side",
        )
    return True, "trials are independent random draws"


def _band(values: Values, ends: tuple[float, float], counts: Counts, level: float) -> tuple[Values, Values]:
    """Lower and upper curve of the median, one for each of `counts`, of sorted scores where more is better."""
    low, high = quantile_ranks(values.size, tuple(0.5 ** (1 / counts)), level)
    around = np.concatenate([[ends[0]], values, [ends[1]]])
    return around[low], around[high]


def _counts(n: int) -> Counts:
    """Numbers of trials to draw the curve at."""
    if n <= MOST_POINTS:
        return np.arange(1, n + 1)
    return np.unique(np.round(np.geomspace(1, n, MOST_POINTS)).astype(np.int64))


def _median_best(values: Values, counts: Counts) -> Values:
    """Median of the best of n draws from the scores, for each n."""
    steps = np.arange(1, values.size + 1) / values.size
    places = np.searchsorted(steps, 0.5 ** (1 / counts) - 1e-12)
    return np.asarray(values[np.minimum(places, values.size - 1)], dtype=np.float64)


def _shown(values: Values) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
