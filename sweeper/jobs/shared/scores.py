"""Scores as every document has them: a mean, its intervals with what they are over, and the value for each seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sweeper.trial import Scores

if TYPE_CHECKING:
    from sweeper.statistics.summary import Summary


def scored(scores: Scores, examples: int, correct: Sequence[str] = (), *, chosen_on: str = "") -> dict[str, Any]:
    """Loss and accuracy, with 95 % intervals of the accuracy.

    ``interval`` is of what a new training has on new examples, ``over_seeds`` of what it has on these (None with one
    seed). Where runs collapsed both are of the others, and ``collapses`` says how many did.

    Args:
        scores: of each member.
        examples: that they were scored on.
        correct: which of them each member had right, packed; empty where that is not recorded.
        chosen_on: the split that these examples are, if it also chose what is scored.
    """
    import numpy as np

    from sweeper.report.hits import unpacked
    from sweeper.statistics.summary import summary

    known = len(correct) == len(scores.accuracy)
    right = np.stack([unpacked(bits, examples) for bits in correct]) if known else None
    found = summary(scores.accuracy, examples, correct=right, chosen_on=chosen_on)
    return _document(scores.loss, scores.accuracy, found)


def scored_over_both(
    loss: Sequence[float], accuracy: Sequence[float], examples: int, ends: tuple[float, float] | None = None
) -> dict[str, Any]:
    """The same of what is on the ledger, where only counts are kept.

    Args:
        loss: of each member.
        accuracy: of each member.
        examples: that they were scored on.
        ends: of the interval, where it was made of which examples each member had right; else one is made here that
            may be wider.
    """
    from sweeper.statistics.summary import summary

    found = summary(accuracy, examples)
    if ends is not None and len(accuracy) > 1:
        method = "Wilson over seeds and examples"
        found = replace(found, interval=replace(found.interval, low=ends[0], high=ends[1], method=method))
    return _document(loss, accuracy, found)


def _document(loss: Sequence[float], accuracy: Sequence[float], found: Summary) -> dict[str, Any]:
    interval, narrow, collapses = found.interval, found.over_seeds, found.collapses
    return {
        "loss": fmean(loss),
        "accuracy": fmean(accuracy),
        "interval": [interval.low, interval.high],
        "level": interval.level,
        "method": interval.method,
        "over": interval.over,
        "examples": interval.examples,
        "chosen_on": interval.chosen_on or None,
        "over_seeds": [narrow.low, narrow.high] if narrow else None,
        "median": found.median,
        "collapses": {
            "seen": collapses.seen,
            "runs": collapses.runs,
            "share": [collapses.share.low, collapses.share.high],
            "accuracy_of_the_others": found.mean,
        },
        "per_seed": list(accuracy),
    }
