"""Scores over folds, whose training parts share examples: their mean varies more than independent scores' would."""

from __future__ import annotations

from collections.abc import Iterable

from sweeper.statistics.intervals import Interval, two_sided_t
from sweeper.statistics.samples import Values, sample

METHOD = "corrected t (Nadeau and Bengio)"


def fold_interval(
    values: Iterable[float] | Values, overlap: float, level: float = 0.95, *, comparisons: int = 1
) -> Interval:
    """Interval of the mean over folds, of scores or of paired differences, for other examples of the same kind.

    The variance of the mean is taken to be (1 / K + overlap) times that of the K values: without the overlap it would
    be far too small, since the folds' training parts are nearly the same. It is a rule of thumb; see
    ``benchmarks/folds.py`` for what it covers.

    Args:
        values: one a fold, [K].
        overlap: validation examples of a fold for each of its training examples.
        level: of all comparisons together.
        comparisons: how many are made in the same breath (Bonferroni).

    Source: Nadeau and Bengio (2003), Inference for the generalization error; for folds, Bouckaert and Frank (2004).

    Raises:
        InputError: fewer than two values, or some that are not finite.
    """
    known = sample(values, least=2, name="folds")
    count, mean = known.size, float(known.mean())
    spread = float(known.std(ddof=1)) * (1 / count + overlap) ** 0.5
    half = two_sided_t(1 - (1 - level) / comparisons, count - 1) * spread
    return Interval(mean - half, mean + half, level, METHOD, "folds")
