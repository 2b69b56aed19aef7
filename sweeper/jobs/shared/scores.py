"""Scores as every document has them: a mean, an interval with its method, and the value for each seed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sweeper.trial import Scores

if TYPE_CHECKING:
    from sweeper.statistics.intervals import Interval


def scored(scores: Scores, examples: int) -> dict[str, Any]:
    """Loss and accuracy with a 95 % interval of the accuracy.

    With two seeds and more the interval is over seeds (what another training would bring), with one it is over
    examples (what other examples would bring).

    Args:
        scores: of each member.
        examples: that they were scored on.
    """
    from sweeper.statistics.intervals import t_interval, wilson

    accuracy = scores.accuracy
    interval = t_interval(accuracy) if len(accuracy) > 1 else wilson(round(accuracy[0] * examples), examples)
    return _document(scores.loss, accuracy, examples, interval)


def scored_over_both(
    loss: Sequence[float], accuracy: Sequence[float], examples: int, ends: tuple[float, float] | None = None
) -> dict[str, Any]:
    """The same with an interval over seeds and examples at once: what a new training would have on new examples.

    Args:
        loss: of each member.
        accuracy: of each member.
        examples: that they were scored on.
        ends: of the interval, where it was made of which examples each member had right; else one is made here that
            may be wider.
    """
    from sweeper.statistics.crossed import seeds_and_examples_from_means
    from sweeper.statistics.intervals import Interval, wilson

    if len(accuracy) == 1:
        interval = wilson(round(accuracy[0] * examples), examples)
    elif ends is None:
        interval = seeds_and_examples_from_means(accuracy, examples)
    else:
        interval = Interval(*ends, 0.95, "Wilson over seeds and examples")
    return _document(loss, accuracy, examples, interval)


def _document(loss: Sequence[float], accuracy: Sequence[float], examples: int, interval: Interval) -> dict[str, Any]:
    return {
        "loss": fmean(loss),
        "accuracy": fmean(accuracy),
        # Student's interval knows nothing of 0 and 1.
        "interval": [max(0.0, interval.low), min(1.0, interval.high)],
        "level": interval.level,
        "method": interval.method,
        "per_seed": list(accuracy),
        "examples": examples,
    }
