"""Accuracy that varies by seed and by example at once: R trained models, N examples, all crossed.

An interval over seeds alone takes the validation examples as given; Wilson's takes the model as
given. To say what the configuration does on new examples with a new seed, both must vary.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, score_interval, two_sided_t, wilson
from sweeper.statistics.samples import Values, sample, truths

Correct = npt.NDArray[np.generic]


def seeds_and_examples(correct: Correct, level: float = 0.95) -> Interval:
    """Interval for the accuracy that new seeds have on new examples.

    Args:
        correct: whether seed r was right on example i, [R, N]; with one seed it is Wilson's interval.
        level: 0 to 1.

    The variance of the grand mean is ``(MS_seed + MS_example - MS_rest) / RN`` of the two-way layout with
    random effects, with Satterthwaite's (1946) degrees of freedom; the interval is Wilson's with the sample
    size that has this variance (Dean and Pagano 2015), so that it stays between 0 and 1.
    """
    table = truths(correct, dimensions=2)
    if table.shape[0] == 1:
        return wilson(float(table.sum()), table.shape[1], level)
    variance, freedom = _grand_mean_variance(table)
    method = "Wilson over seeds and examples"
    return _score(float(table.mean()), variance, freedom, examples=table.shape[1], level=level, method=method)


def seeds_and_examples_from_means(
    accuracies: Iterable[float] | Values, examples: int, level: float = 0.95, *, shared: float = 1.0
) -> Interval:
    """The same where only each seed's accuracy is known, not which examples it got right.

    Args:
        accuracies: one a seed, on the same examples, [R].
        examples: how many, N.
        level: 0 to 1.
        shared: correlation, between two seeds, of being right on an example. It is 1 if all seeds are wrong
            on the same examples: then, and so by default, the interval is never too narrow, and too wide
            to the degree that seeds err on different examples.

    Source: the two-way layout of ``seeds_and_examples`` with the example's part ``shared * p (1 - p) / N``.

    Raises:
        InputError: fewer than two seeds, no examples, or `shared` not between 0 and 1.
    """
    values = sample(accuracies, least=2, name="accuracies")
    if examples < 2 or not 0 <= shared <= 1:
        raise InputError("examples go from 2, and shared from 0 to 1", hint="give the size of the validation split")
    mean = float(values.mean())
    by_seed, by_example = float(values.var(ddof=1)) / values.size, shared * mean * (1 - mean) / examples
    variance = by_seed + by_example
    weights = by_seed**2 / (values.size - 1) + by_example**2 / (examples - 1)
    freedom = variance**2 / weights if weights > 0 else examples - 1
    method = "Wilson over seeds and examples, from means"
    return _score(mean, variance, freedom, examples=examples, level=level, method=method)


def shared_part(correct: Correct) -> float:
    """Correlation, between two seeds, of being right on an example; 1 where every example tells nothing.

    It says of other examples what ``seeds_and_examples_from_means`` asks for, where the same seeds were only counted.

    Args:
        correct: whether seed r was right on example i, [R, N], two seeds or more.

    Source: the intraclass correlation of Fleiss and Cuzick (1979), unbiased over examples.
    """
    table = truths(correct, dimensions=2)
    rows, mean = table.shape[0], float(table.mean())
    hits = table.sum(axis=0)
    disagree = float((hits * (rows - hits)).mean()) / (rows * (rows - 1))
    return 1.0 - disagree / (mean * (1 - mean)) if 0 < mean < 1 else 1.0


def difference_over_seeds_and_examples(correct_a: Correct, correct_b: Correct, level: float = 0.95) -> Interval:
    """Interval for accuracy of A less that of B with new seeds on new examples; both [R, N], paired in each entry.

    Source: the two-way layout of ``seeds_and_examples`` on the differences, with Student's t.

    Raises:
        InputError: other shapes, or fewer than two seeds.
    """
    a, b = truths(correct_a, dimensions=2, name="a"), truths(correct_b, dimensions=2, name="b")
    if a.shape != b.shape or a.shape[0] < 2:
        raise InputError(
            f"a has shape {a.shape} and b {b.shape}; two or more shared seeds on the same examples are needed",
            hint="evaluate both on the same examples",
        )
    variance, freedom = _grand_mean_variance(a - b)
    mean, half = float((a - b).mean()), two_sided_t(level, freedom) * variance**0.5
    return Interval(max(-1.0, mean - half), min(1.0, mean + half), level, "Student's t over seeds and examples")


def _grand_mean_variance(table: Values) -> tuple[float, float]:
    """Variance of the mean of a table [R, N] with random rows and columns, and its degrees of freedom."""
    rows, columns = table.shape
    by_row, by_column, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = table - by_row[:, None] - by_column[None, :] + mean
    freedoms = np.array([rows - 1, columns - 1, (rows - 1) * (columns - 1)], dtype=np.float64)
    sums = np.array([columns * by_row.var() * rows, rows * by_column.var() * columns, (rest**2).sum()])
    squares = sums / np.maximum(freedoms, 1)
    # With few seeds the difference of the two can be negative by chance.
    total = float(squares[0] + max(0.0, squares[1] - squares[2]))
    weights = float((squares**2 / np.maximum(freedoms, 1)).sum())
    return total / (rows * columns), (total**2 / weights if weights > 0 else float(columns - 1))


def _score(mean: float, variance: float, freedom: float, *, examples: int, level: float, method: str) -> Interval:
    # Where every entry is right, or wrong, the variance says nothing: the examples are what is left to count.
    size = mean * (1 - mean) / variance if variance > 0 and 0 < mean < 1 else float(examples)
    low, high = score_interval(mean, size, two_sided_t(level, max(1.0, freedom)))
    return Interval(low, high, level, method)
