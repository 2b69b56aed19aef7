"""Tuning curves: the best validation score to expect from a number of trials, with a band around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.report.statistics.bands import Kind, band
from sweeper.report.statistics.samples import Values, sample

Counts = npt.NDArray[np.int64]
MOST_POINTS = 500
MOST_CALIBRATED = 2_000
VALID_SAMPLERS = ("random", "qmc")


@dataclass(frozen=True, slots=True)
class TuningCurve:
    """Best score against the number of trials.

    Attributes:
        trials: 1, 2, ..., N; of more than 500 trials, 500 or fewer of these numbers, denser at the small ones.
        best: mean (or median) best score of that many trials.
        low, high: the band, which holds for all numbers of trials at once.
        level: of the band.
        curve: whether it is the mean or the median of the best score.
        method: of estimate and band.
        valid: whether the band means what it says.
        why: the reason, for the reader; not empty.
    """

    trials: tuple[int, ...]
    best: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    level: float
    curve: str
    method: str
    valid: bool
    why: str


def tuning_curve(
    scores: Iterable[float] | Values,
    *,
    sampler: str,
    pruned: int = 0,
    chosen: int = 0,
    support: tuple[float, float] = (0.0, 1.0),
    level: float = 0.95,
    higher_is_better: bool = True,
    curve: Literal["mean", "median"] = "mean",
    kind: Kind = "highest-density",
) -> TuningCurve:
    """Expected best validation score of 1 to N trials, from the N trials of one search.

    Args:
        scores: final validation scores, [N], two or more; a failed trial counts as the worst of the support.
        sampler: which made the trials: a band is valid for random and quasi-random ones.
        pruned: how many of them were stopped early.
        chosen: how many were chosen by hand or taken over from another study.
        support: the least and greatest score that there can be; the mean's band needs it.
        level: of the band.
        higher_is_better: false for a loss, where the curve falls.
        curve: mean, or median, whose band needs no support.
        kind: of band, as in ``bands.band``; beyond 2,000 trials it is DKW's, which costs nothing and is narrow by then.

    Source: the mean is the unbiased estimator of Tang et al. (2020), which mends that of Dodge et al. (2019);
    bands, and the median, are those of Lourie, Cho and He (2024).

    Raises:
        InputError: fewer than two scores, or one outside the support.
    """
    data, (worst, best) = sample(scores, least=2, name="trials"), support
    if data.min() < worst or data.max() > best:
        raise InputError(
            f"scores from {data.min():g} to {data.max():g} leave the support {worst:g} to {best:g}",
            hint="give the least and greatest score that there can be",
            key="support",
        )
    kind = kind if data.size <= MOST_CALIBRATED else "dkw"
    sign = 1.0 if higher_is_better else -1.0
    ends = (worst, best) if higher_is_better else (-best, -worst)
    values = np.sort(sign * data)
    middle, low, high = _curves(values, ends, level, curve, kind)
    low, high = (low, high) if higher_is_better else (high, low)
    valid, why = validity(sampler, pruned=pruned, chosen=chosen)
    return TuningCurve(
        trials=tuple(int(count) for count in _counts(values.size)),
        best=_shown(sign * middle),
        low=_shown(sign * low),
        high=_shown(sign * high),
        level=level,
        curve=curve,
        method=f"{'unbiased mean' if curve == 'mean' else 'median'} of the best, {kind} band",
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


def _curves(
    values: Values, ends: tuple[float, float], level: float, curve: str, kind: Kind
) -> tuple[Values, Values, Values]:
    """Estimate, lower and upper curve, one for each of ``_counts``, of sorted scores where more is better."""
    low_cdf, high_cdf = band(values.size, level, kind)
    counts = _counts(values.size)
    # The lower curve belongs to the upper distribution function: more mass at low scores.
    down, up = np.concatenate([[ends[0]], values]), np.concatenate([values, [ends[1]]])
    below, above = np.append(high_cdf[:-1], 1.0), np.append(low_cdf[1:], 1.0)
    if curve == "median":
        steps = np.arange(1, values.size + 1) / values.size
        return tuple(_median_best(v, c, counts) for v, c in ((values, steps), (down, below), (up, above)))  # type: ignore[return-value]
    return expected_best(values, counts), _mean_best(down, below, counts), _mean_best(up, above, counts)


def _counts(n: int) -> Counts:
    """Numbers of trials to draw the curve at."""
    if n <= MOST_POINTS:
        return np.arange(1, n + 1)
    return np.unique(np.round(np.geomspace(1, n, MOST_POINTS)).astype(np.int64))


def _mean_best(values: Values, cdf: Values, counts: Counts) -> Values:
    """Mean of the best of n draws from a step distribution, for each n."""
    powers = cdf[None, :] ** counts[:, None]
    return np.asarray(np.diff(powers, axis=1, prepend=0.0) @ values, dtype=np.float64)


def _median_best(values: Values, cdf: Values, counts: Counts) -> Values:
    """Median of the best of n draws from a step distribution, for each n."""
    places = np.searchsorted(cdf, 0.5 ** (1 / counts) - 1e-12)
    return np.asarray(values[np.minimum(places, values.size - 1)], dtype=np.float64)


def _shown(values: Values) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
