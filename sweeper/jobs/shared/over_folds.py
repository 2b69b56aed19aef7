"""What the folds of a result say of its score, as plain values."""

from __future__ import annotations

from typing import Any

from sweeper.report.folds import fold_means, overlap
from sweeper.study.objectives import OBJECTIVES
from sweeper.trial import TrialResult


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
