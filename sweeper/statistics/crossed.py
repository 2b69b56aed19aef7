"""Accuracy that varies by seed and by example at once: R trained models, N examples, all crossed.

An interval over seeds alone takes the validation examples as given; Wilson's takes the model as
given. To say what the configuration does on new examples with a new seed, both must vary.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, score_interval, spread, two_sided_t, two_sided_z
from sweeper.statistics.samples import Values, checked_level, sample, truths

Correct = npt.NDArray[np.generic]

BOTH = "seeds and examples"


def seeds_and_examples(correct: Correct, level: float = 0.95, *, candidates: int = 1, chosen_on: str = "") -> Interval:
    """Interval for the accuracy that new seeds have on new examples.

    Args:
        correct: whether seed r was right on example i, [R, N]; with one seed it is Wilson's interval.
        level: 0 to 1.
        candidates: of which this one was chosen by the same examples: its lower end then has the error of all of
            them together (Bonferroni), since one that is named for its high score owes it to luck in part.
        chosen_on: the split that chose; empty where none did.

    In the two-way layout with random effects the seeds' part of the grand mean's variance is ``MS_seed / RN``, the
    examples' ``(MS_example - MS_rest) / RN``. Each has a reach of its own, Student's of R - 1 degrees and the normal's,
    and the interval reaches the root of the sum of their squares (Graybill and Wang 1980; Zou and Donner 2008):
    Satterthwaite's degrees for both together cover 84 to 93 % with two seeds. Its shape is Wilson's with the sample
    size that reaches as far (Dean and Pagano 2015), so that it stays between 0 and 1.
    """
    table = truths(correct, dimensions=2)
    rows, columns = table.shape
    by_seed, by_example = (0.0, _binomial(table)) if rows == 1 else _parts(table)
    method = "Wilson over seeds and examples" if rows > 1 else "Wilson"
    ends = _ends(float(table.mean()), (by_seed, by_example), rows, columns, _errors(level, candidates))
    over = BOTH if rows > 1 else "examples"
    return Interval(*ends, level, method + _among(candidates), over, columns, chosen_on)


def seeds_and_examples_from_means(
    accuracies: Iterable[float] | Values,
    examples: int,
    level: float = 0.95,
    *,
    shared: float = 1.0,
    candidates: int = 1,
    chosen_on: str = "",
) -> Interval:
    """The same where only each seed's accuracy is known, not which examples it got right.

    Args:
        accuracies: one a seed, on the same examples, [R].
        examples: how many, N.
        level: 0 to 1.
        shared: correlation, between two seeds, of being right on an example. It is 1 if all seeds are wrong
            on the same examples: then, and so by default, the interval is never too narrow, and too wide
            to the degree that seeds err on different examples.
        candidates: as in ``seeds_and_examples``.
        chosen_on: likewise.

    Source: the two-way layout of ``seeds_and_examples`` with the example's part ``shared * p (1 - p) / N``.

    Raises:
        InputError: fewer than two seeds, no examples, or `shared` not between 0 and 1.
    """
    values = sample(accuracies, least=2, name="accuracies")
    if examples < 2 or not 0 <= shared <= 1:
        raise InputError("examples go from 2, and shared from 0 to 1", hint="give the size of the validation split")
    mean = float(values.mean())
    parts = (spread(values, examples) ** 2 / values.size, shared * mean * (1 - mean) / examples)
    ends = _ends(mean, parts, values.size, examples, _errors(level, candidates))
    method = "Wilson over seeds and examples, from means" + _among(candidates)
    return Interval(*ends, level, method, BOTH, examples, chosen_on)


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

    Source: the two-way layout of ``seeds_and_examples`` on the differences.

    Raises:
        InputError: other shapes, or fewer than two seeds.
    """
    a, b = truths(correct_a, dimensions=2, name="a"), truths(correct_b, dimensions=2, name="b")
    if a.shape != b.shape or a.shape[0] < 2:
        raise InputError(
            f"a has shape {a.shape} and b {b.shape}; two or more shared seeds on the same examples are needed",
            hint="evaluate both on the same examples",
        )
    return _symmetric(a - b, np.zeros(a.shape[0]), 0.0, level, limit=1.0)


def gap_over_seeds_and_examples(
    train: Iterable[float] | Values, correct: Correct, train_examples: int, level: float = 0.95
) -> Interval:
    """Interval for training less validation accuracy, with new seeds and other examples of both kinds.

    Args:
        train: accuracy of each seed on its training examples, [R].
        correct: whether seed r was right on validation example i, [R, N].
        train_examples: how many there are; which of them are right is not recorded, and all seeds may share them.
        level: 0 to 1.

    Source: the two-way layout of ``seeds_and_examples``, the training examples' part being the binomial's.

    Raises:
        InputError: fewer than two seeds.
    """
    right = truths(correct, dimensions=2)
    scores = sample(train, least=2, name="training accuracies")
    mean = float(scores.mean())
    return _symmetric(-right, scores, mean * (1 - mean) / train_examples, level, limit=1.0)


def gap_change_over_seeds_and_examples(
    train_a: Iterable[float] | Values,
    correct_a: Correct,
    train_b: Iterable[float] | Values,
    correct_b: Correct,
    train_examples: tuple[int, int],
    level: float = 0.95,
) -> Interval:
    """Interval for the gap of A less that of B, paired by seed and by validation example; arguments as for one gap.

    Which training examples the two have right is not known: they can differ on no more than both are wrong on, and each
    of two training sets adds its own part.
    """
    first, second = (sample(each, least=2, name="training accuracies") for each in (train_a, train_b))
    errors = 1 - float(first.mean()), 1 - float(second.mean())
    apart = sum(error / size for error, size in zip(errors, train_examples, strict=True))
    rows = truths(correct_a, dimensions=2) - truths(correct_b, dimensions=2)
    return _symmetric(-rows, first - second, apart, level, limit=2.0)


def layout(table: Values, error: float) -> float:
    """How far the interval of the mean of a table [R, N] of any numbers reaches to each side, R > 1."""
    return _reach(_parts(table), table.shape[0], error)


def _symmetric(table: Values, shift: Values, more: float, level: float, *, limit: float) -> Interval:
    """For the mean of a table [R, N] plus a number for each row, and `more` variance from other examples."""
    rows, columns = table.shape
    by_seed, by_example = _parts(table, shift)
    half = _reach((by_seed, by_example + more), rows, 1 - checked_level(level))
    mean = float(table.mean() + shift.mean())
    low, high = max(-limit, mean - half), min(limit, mean + half)
    return Interval(low, high, level, "Student's t over seeds, normal over examples", BOTH, columns)


def _parts(table: Values, shift: Values | float = 0.0) -> tuple[float, float]:
    """The seeds' and the examples' part of the variance of the mean of a table [R, N], R > 1."""
    rows, columns = table.shape
    by_row, by_column, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = ((table - by_row[:, None] - by_column[None, :] + mean) ** 2).sum() / max(1, (rows - 1) * (columns - 1))
    squares = rows * by_column.var(ddof=1) if columns > 1 else 0.0
    # With few seeds the difference can be negative by chance.
    by_example = float(max(0.0, squares - rest)) / (rows * columns)
    return float(spread(by_row + shift, columns) ** 2 / rows), by_example


def _binomial(table: Values) -> float:
    mean = float(table.mean())
    return float(mean * (1 - mean) / table.shape[1])


def _errors(level: float, candidates: int) -> tuple[float, float]:
    """The errors at the lower end and at the upper one, both as two-sided errors."""
    error = 1 - checked_level(level)
    return 2 * min(error / 2, error / max(1, candidates)), error


def _reach(parts: tuple[float, float], rows: int, error: float) -> float:
    by_seed, by_example = parts
    student = two_sided_t(1 - error, rows - 1) if rows > 1 else 0.0
    return float((student**2 * by_seed + two_sided_z(1 - error) ** 2 * by_example) ** 0.5)


def _ends(
    mean: float, parts: tuple[float, float], rows: int, examples: int, errors: tuple[float, float]
) -> tuple[float, float]:
    """Wilson's, each end with the number of examples that reaches as far as the parts do together."""
    ends = []
    for error in errors:
        z, reach = two_sided_z(1 - error), _reach(parts, rows, error)
        # Where every entry is right, or wrong, the variance says nothing: the examples are what is left to count.
        size = mean * (1 - mean) * (z / reach) ** 2 if reach > 0 and 0 < mean < 1 else float(examples)
        ends.append(score_interval(mean, size, z))
    return ends[0][0], ends[1][1]


def _among(candidates: int) -> str:
    return f", for one chosen of {candidates}" if candidates > 2 else ""
