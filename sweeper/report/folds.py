"""What the folds of results say: the mean of each fold, and how much their training parts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from sweeper.report.facts import Measure
from sweeper.statistics.intervals import Interval
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


def divided(data: Mapping[str, Any]) -> str:
    """How many examples some data have to train and to validate on, for people."""
    train, judged, folds = data["sizes"]["train"], data["sizes"]["validation"], data.get("folds")
    if folds:
        return f"{data['name']}: {judged:,} to validate, in {folds} folds, each of which trains on {train:,} or more"
    return f"{data['name']}: {train:,} to train, {judged:,} to validate"


def said_of(a: str, b: str, interval: Interval, measure: Measure, *, by_seeds: bool) -> str:
    """What the folds say of a difference, as a sentence.

    Args:
        a: the one side.
        b: the other.
        interval: of a less b, over folds.
        measure: of both.
        by_seeds: the verdict is not by this interval but by the seeds.
    """
    points = " points" if measure.percent else ""
    beside = "; the verdict goes by the seeds" if by_seeds else ""
    ends = " to ".join(measure.apart(end, sign="+").replace("−", "-") for end in (interval.low, interval.high))
    return (
        f"By their folds, {a} less {b} is {ends}{points} of {measure.noun.removeprefix('validation ')} with other "
        f"examples to train and validate on ({interval.method}: folds train on nearly the same examples{beside})."
    )
