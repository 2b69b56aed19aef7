"""Exact inference on paired differences from their signs: no normal distribution is assumed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval
from sweeper.statistics.samples import Values, checked_level, generator

EXACT_UP_TO = 14
"""Up to so many differences all 2^n subsets are enumerated; beyond, as many are drawn."""


def sign_flip_p_value(differences: Values) -> float:
    """Two-sided p-value of no difference: the share of sign patterns whose mean is as far from 0 or farther.

    Source: Fisher (1935), the randomisation test. It cannot go below ``2 / 2**n``: 0.0625 for 5 pairs.
    """
    means = differences.mean() - 2 * _subsets(differences.size) @ differences / differences.size
    # Sums in another order differ in the last bits; what is equal must count as equal.
    return float((np.abs(means) >= abs(differences.mean()) - 1e-12 * np.abs(differences).max()).mean())


def sign_flip_interval(differences: Values, level: float = 0.95) -> Interval:
    """Interval for the centre of differences that are symmetric around it: order statistics of all subsets' means.

    Source: Hartigan (1969), typical values: the centre is equally likely between any two neighbours.

    Raises:
        InputError: too few pairs for the level (6 for 95 %).
    """
    n = differences.size
    means = np.sort(_subset_means(differences))
    outside = int((1 - checked_level(level)) / 2 * (means.size + 1) + 1e-9)
    if outside < 1:
        needed = int(np.ceil(np.log2(2 / (1 - level)) - 1e-9))
        raise InputError(
            f"{n} pairs cannot give a {100 * level:.4g}% interval by sign flips", hint=f"{needed} pairs can"
        )
    return Interval(float(means[outside - 1]), float(means[-outside]), level, "sign flips")


def _subset_means(differences: Values) -> Values:
    members = _subsets(differences.size)[1:]
    counts = members.sum(axis=1)
    return np.asarray((members @ differences)[counts > 0] / counts[counts > 0], dtype=np.float64)


def _subsets(n: int) -> npt.NDArray[np.float64]:
    """Membership of each subset, [2^n, n] as 0 and 1, the empty one first; as many at random where n is large."""
    if n <= EXACT_UP_TO:
        return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
    drawn = generator(0).integers(0, 2, size=(2**EXACT_UP_TO, n)).astype(np.float64)
    drawn[0] = 0.0
    return drawn
