"""Scores as every document has them: a mean, an interval with its method, and the value for each seed."""

from __future__ import annotations

from typing import Any

from sweeper.records import Scores


def scored(scores: Scores, examples: int) -> dict[str, Any]:
    """Loss and accuracy with a 95 % interval of the accuracy.

    With two seeds and more the interval is over seeds (what another training would bring), with one it is over
    examples (what other examples would bring).

    Args:
        scores: of each member.
        examples: that they were scored on.
    """
    from sweeper.report.statistics.intervals import t_interval, wilson

    accuracy = scores.accuracy
    interval = t_interval(accuracy) if len(accuracy) > 1 else wilson(round(accuracy[0] * examples), examples)
    return {
        "loss": scores.mean_loss,
        "accuracy": scores.mean_accuracy,
        # Student's interval knows nothing of 0 and 1.
        "interval": [max(0.0, interval.low), min(1.0, interval.high)],
        "level": interval.level,
        "method": interval.method,
        "per_seed": list(accuracy),
        "examples": examples,
    }
