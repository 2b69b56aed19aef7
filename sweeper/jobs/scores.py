"""Scores as every document has them (means, intervals, the value for each seed), and how each measure is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sweeper.report.facts import Measure
from sweeper.study.objectives import DEFAULT, DEFAULT_OF_NUMBERS, OBJECTIVES
from sweeper.trial import Scores, TrialResult

if TYPE_CHECKING:
    from sweeper.statistics.summary import Summary


def measure_of(objective: str) -> Measure:
    """What an axis and a table need to know of an objective."""
    row = OBJECTIVES[objective]
    percent = row.percent or row.share
    least, most = (end if isfinite(end) else None for end in row.limits)
    return Measure(
        row.label,
        percent=percent,
        maximize=row.maximize,
        unit=row.unit,
        key=row.name.rpartition(".")[2],
        share=row.share,
        margin=row.margin,
        least=least,
        most=most,
    )


ACCURACY = measure_of(DEFAULT)
RMSE = measure_of(DEFAULT_OF_NUMBERS)


def scored(result: TrialResult, *, chosen_on: str = "") -> dict[str, Any]:
    """The scores on validation examples, with 95 % intervals of the accuracy, or of the RMSE of numbers.

    ``interval`` is of what a new training has on new examples, ``over_seeds`` of what it has on these (None with one
    seed). Where runs collapsed both are of the others, and ``collapses`` says how many did. ``more`` has the further
    metrics, ``by_class`` precision and recall of each class.

    Args:
        result: of a run that finished.
        chosen_on: the split that these examples are, if it also chose what is scored.
    """
    import numpy as np

    from sweeper.report.hits import parts
    from sweeper.statistics.summary import summary, summary_of_scores

    scores, data = result.validation, result.data
    assert scores is not None
    examples = int(data["sizes"]["validation"])
    values = scores.known[scores.main]
    each = parts(result, ACCURACY if scores.accuracy else RMSE)
    table = np.stack(each) if len(each) == len(values) else None
    if scores.accuracy:
        found = summary(values, examples, correct=table, chosen_on=chosen_on)
    else:
        found = summary_of_scores(values, table=table, chosen_on=chosen_on)
    of_classes = {"by_class": by_class(result.by_class, names_of(data))} if result.by_class else {}
    return plain(scores) | _summed(found, examples, scores.main) | of_classes | _ground(data)


def plain(scores: Scores) -> dict[str, Any]:
    """Means over members by name, ``more`` of them, and ``per_seed`` of the first that a person looks at."""
    means = {name: fmean(values) for name, values in scores.known.items() if name not in scores.more}
    more = {name: fmean(values) for name, values in scores.more.items()}
    first = {} if scores.accuracy else more
    return means | first | {"more": more, "per_seed": list(scores.known[scores.main])}


def scored_over_both(
    scores: Scores, examples: int, ends: tuple[float, float] | None = None, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The same of what is on the ledger, where only counts are kept.

    Args:
        scores: of each member.
        examples: that they were scored on.
        ends: of the interval, where it was made of which examples each member had right; else one is made here that
            may be wider.
        data: what a score has to be held against there: ``largest`` and ``share``, or ``spread`` and ``target``.
    """
    from sweeper.statistics.summary import summary, summary_of_scores

    values = scores.known[scores.main]
    found = summary(values, examples) if scores.accuracy else summary_of_scores(values)
    if ends is not None and not scores.accuracy:
        from sweeper.statistics.intervals import Interval

        over, method = ("seeds and examples", "") if len(values) > 1 else ("examples", "Student's t over examples")
        method = method or "Student's t over seeds, normal over examples"
        found = replace(found, interval=Interval(*ends, 0.95, method, over, examples))
    elif ends is not None and len(values) > 1 and found.interval is not None:
        method = "Wilson over seeds and examples"
        found = replace(found, interval=replace(found.interval, low=ends[0], high=ends[1], method=method))
    return plain(scores) | _summed(found, examples, scores.main) | dict(data or {})


def of_folds(result: TrialResult) -> dict[str, Any]:
    """``interval`` and what it is of, by the folds, and ``folds``, the score of each; nothing without folds."""
    from sweeper.report.folds import fold_means, overlap
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


def by_class(counts: Sequence[Sequence[int]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Precision and recall of each class that has examples, over all members.

    Args:
        counts: of each class its examples, how often it was predicted and how often rightly, over all members.
        names: of the classes.
    """
    examples = sum(n for n, _, _ in counts)
    members = max(1, round(sum(taken for _, taken, _ in counts) / max(1, examples)))
    return [
        {
            "name": name,
            "examples": n,
            "precision": right / taken if taken else None,
            "recall": right / (n * members),
        }
        for name, (n, taken, right) in zip(names, counts, strict=False)
        if n
    ]


def names_of(data: Mapping[str, Any]) -> list[str]:
    """The classes of some data by name, as their facts have them; their numbers where there are too many."""
    classes = data.get("classes", {})
    return list(classes.get("rows", map(str, range(int(classes.get("count", 0))))))


def _ground(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a score has to be held against: the share of the largest class, or the spread of the numbers."""
    if "target" in data:
        return {"spread": data["target"]["spread"], "target": data["target"]["name"]}
    known = data.get("classes")
    return {"largest": known["largest"], "share": known["share"]} if known else {}


def _summed(found: Summary, examples: int, main: str) -> dict[str, Any]:
    interval, narrow, collapses = found.interval, found.over_seeds, found.collapses
    measure = ACCURACY if main == "accuracy" else RMSE
    return {
        "interval": [interval.low, interval.high] if interval else None,
        "level": interval.level if interval else None,
        "method": interval.method if interval else "",
        "over": interval.over if interval else "",
        "examples": examples,
        "chosen_on": (interval.chosen_on if interval else "") or None,
        # Student's interval knows nothing of 0 and 1.
        "over_seeds": [measure.clipped(narrow.low), measure.clipped(narrow.high)] if narrow else None,
        "median": found.median,
        "collapses": {
            "seen": collapses.seen,
            "runs": collapses.runs,
            "share": [collapses.share.low, collapses.share.high],
            f"{main}_of_the_others": found.mean,
        },
    }
