"""Scores that are means over examples of any numbers: what varies by seed and by example at once.

Of accuracy, whose examples are right or wrong, ``crossed`` and ``proportions`` know more. A score that is a function of
a mean, such as the root of the mean squared error, is one of these by its linear part (the delta method; Efron and
Tibshirani 1993): each example then adds what it adds to the score near where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.crossed import BOTH, layout
from sweeper.statistics.intervals import Interval, two_sided_t
from sweeper.statistics.samples import checked_level

Table = npt.NDArray[np.generic]
METHOD = "Student's t over seeds, normal over examples"


@dataclass(frozen=True, slots=True)
class ByExample:
    """Two models on the same examples.

    Attributes:
        difference: of their scores, A less B.
        interval: of it, over examples, of these two models.
        p_value: two-sided, of no difference.
    """

    difference: float
    interval: Interval
    p_value: float


def mean_of_table(table: Table, level: float = 0.95, *, chosen_on: str = "") -> Interval:
    """Interval for the score that new seeds have on new examples; with one seed, of this model on new examples.

    Args:
        table: what each example adds to each seed's score, so that the mean of a row is the score, [R, N].
        level: 0 to 1.
        chosen_on: the split that chose; empty where none did.

    Source: Student (1908) with one seed; else the two-way layout of ``crossed.seeds_and_examples``.
    """
    values = np.asarray(table, np.float64)
    rows, columns = values.shape
    mean, error = float(values.mean()), 1 - checked_level(level)
    if rows > 1:
        half = layout(values, error)
        return Interval(mean - half, mean + half, level, METHOD, BOTH, columns, chosen_on)
    half = two_sided_t(level, columns - 1) * float(values.std(ddof=1)) / columns**0.5
    return Interval(mean - half, mean + half, level, "Student's t over examples", "examples", columns, chosen_on)


def difference_of_tables(a: Table, b: Table, level: float = 0.95) -> Interval:
    """Interval for the score of A less that of B with new seeds on new examples; both [R, N], paired in each entry.

    Raises:
        InputError: other shapes, or fewer than two seeds.
    """
    if a.shape != b.shape or a.shape[0] < 2:
        raise InputError(
            f"a has shape {a.shape} and b {b.shape}; two or more shared seeds on the same examples are needed",
            hint="evaluate both on the same examples",
        )
    return mean_of_table(np.asarray(a, np.float64) - np.asarray(b, np.float64), level)


def by_example(a: Table, b: Table, level: float = 0.95) -> ByExample:
    """Two models compared by what each example adds to the score of each, [N] each. Source: Student (1908)."""
    from scipy.special import stdtr

    differences = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    found = mean_of_table(differences[None], level)
    error = float(differences.std(ddof=1)) / len(differences) ** 0.5
    value = float(differences.mean())
    p = 2 * float(stdtr(len(differences) - 1, -abs(value) / error)) if error else float(value == 0)
    return ByExample(value, found, p)
