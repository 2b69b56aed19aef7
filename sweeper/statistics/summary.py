"""The accuracy of one configuration, in all that a reader needs: mean, median, two intervals, and collapses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.statistics.collapse import Collapses, Flags, collapsed, collapses
from sweeper.statistics.crossed import Correct, seeds_and_examples, seeds_and_examples_from_means
from sweeper.statistics.intervals import Interval, t_interval, wilson
from sweeper.statistics.samples import Values, sample


@dataclass(frozen=True, slots=True)
class Summary:
    """Accuracy over the runs of one configuration.

    Attributes:
        mean: of the runs that did not collapse (of all, where all did).
        mean_of_all: of all runs.
        median: of all runs, which a few collapses do not move.
        interval: of the mean, on new examples: over seeds and examples, or, with one run, over examples.
        over_seeds: of the mean, on these examples; None with one run.
        collapses: how many runs collapsed, and what that says.
    """

    mean: float
    mean_of_all: float
    median: float
    interval: Interval
    over_seeds: Interval | None
    collapses: Collapses

    @property
    def skewed(self) -> bool:
        """Whether the median says something that the mean of all does not: half a tenth of a point, or more."""
        return abs(self.median - self.mean_of_all) > max(5e-4, abs(self.mean_of_all) * 5e-4)


def summary(
    accuracies: Sequence[float] | Values,
    examples: int,
    *,
    correct: Correct | None = None,
    bad: Flags | None = None,
    candidates: int = 1,
    chosen_on: str = "",
) -> Summary:
    """Sum up the runs of a configuration.

    Args:
        accuracies: one a seed, on the same examples, [R].
        examples: how many, N.
        correct: whether seed r was right on example i, [R, N]; without it the interval is never too narrow, and wider
            than it had to be.
        bad: which runs collapsed, [R]; found here where it is not given.
        candidates: of which this one was chosen by the same examples.
        chosen_on: the split that chose; empty where none did.
    """
    values = sample(accuracies, name="accuracies")
    flags = collapsed({"": list(values)})[""] if bad is None else bad
    kept = ~flags if not flags.all() else np.ones(values.size, dtype=bool)
    return Summary(
        mean=float(values[kept].mean()),
        mean_of_all=float(values.mean()),
        median=float(np.median(values)),
        interval=_interval(values[kept], examples, None if correct is None else correct[kept], candidates, chosen_on),
        over_seeds=t_interval(values[kept], examples=examples) if kept.sum() > 1 else None,
        collapses=collapses(flags),
    )


def _interval(values: Values, examples: int, correct: Correct | None, candidates: int, chosen_on: str) -> Interval:
    if correct is not None:
        return seeds_and_examples(correct, candidates=candidates, chosen_on=chosen_on)
    if values.size > 1:
        return seeds_and_examples_from_means(values, examples, candidates=candidates, chosen_on=chosen_on)
    found = wilson(round(float(values[0]) * examples), examples)
    return Interval(found.low, found.high, found.level, found.method, found.over, examples, chosen_on)
