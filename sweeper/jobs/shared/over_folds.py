"""What the folds of results say: the mean of each fold, and the interval that allows for what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from sweeper.study.objectives import OBJECTIVES
from sweeper.trial import TrialResult


def fold_means(results: Sequence[TrialResult], key: str) -> tuple[float, ...]:
    """The score of each fold, the mean over all members of some results of one configuration; empty without folds."""
    known = [scores for result in results for scores in result.folds]
    if not results or not all(result.folds for result in results) or not all(key in each.known for each in known):
        return ()
    by_fold = zip(*(result.folds for result in results), strict=True)
    return tuple(fmean(value for scores in fold for value in scores.known[key]) for fold in by_fold)


def overlap(data: Mapping[str, Any]) -> float:
    """Validation examples of a fold for each of its training examples; 0 without folds."""
    sizes, folds = data["sizes"], int(data.get("folds", 0))
    return float(sizes["validation"]) / folds / float(sizes["train"]) if folds else 0.0


def of_folds(result: TrialResult) -> dict[str, Any]:
    """``interval`` and what it is of, by the folds, and ``folds``, the score of each; nothing without folds."""
    from sweeper.statistics.folds import fold_interval

    if result.validation is None:
        return {}
    main = result.validation.main
    means = fold_means([result], main)
    if not means:
        return {}
    found = fold_interval(means, overlap(result.data)).clipped(*OBJECTIVES[f"validation.{main}"].limits)
    return {
        "interval": [found.low, found.high],
        "level": found.level,
        "method": found.method,
        "over": found.over,
        "folds": list(means),
    }
