"""The scores of one configuration, in all that a reader needs: mean, median, two intervals, and collapses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.statistics.collapse import Collapses, Flags, collapsed, collapses
from sweeper.statistics.crossed import Correct, seeds_and_examples, seeds_and_examples_from_means
from sweeper.statistics.intervals import Interval, t_interval, wilson
from sweeper.statistics.samples import Values, sample
from sweeper.statistics.tables import Table, mean_of_table


@dataclass(frozen=True, slots=True)
class Summary:
    """Accuracy, or another score, over the runs of one configuration.

    Attributes:
        mean: of the runs that did not collapse (of all, where all did).
        mean_of_all: of all runs.
        median: of all runs, which a few collapses do not move.
        interval: of the mean, on new examples: over seeds and examples, or, with one run, over examples. Of a score
            of which it is not known what each example adds to it, over seeds alone, and None with one run.
        over_seeds: of the mean, on these examples; None with one run.
        collapses: how many runs collapsed, and what that says.
    """

    mean: float
    mean_of_all: float
    median: float
    interval: Interval | None
    over_seeds: Interval | None
    collapses: Collapses


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


def summary_of_scores(
    scores: Sequence[float] | Values, *, table: Table | None = None, bad: Flags | None = None, chosen_on: str = ""
) -> Summary:
    """Sum up the runs of a configuration by a score that is no share of the examples.

    Args:
        scores: one a seed, on the same examples, [R].
        table: what each example adds to each of them, [R, N]; None where that is not known.
        bad: which runs collapsed, [R]; none where it is not given.
        chosen_on: the split that chose; empty where none did.
    """
    values = sample(scores, name="scores")
    flags = np.zeros(values.size, dtype=bool) if bad is None else bad
    kept = ~flags if not flags.all() else np.ones(values.size, dtype=bool)
    narrow = t_interval(values[kept]) if kept.sum() > 1 else None
    wide = narrow if table is None else mean_of_table(table[kept], chosen_on=chosen_on)
    return Summary(
        mean=float(values[kept].mean()),
        mean_of_all=float(values.mean()),
        median=float(np.median(values)),
        interval=wide,
        over_seeds=None if table is None else narrow,
        collapses=collapses(flags),
    )


def _interval(values: Values, examples: int, correct: Correct | None, candidates: int, chosen_on: str) -> Interval:
    if correct is not None:
        return seeds_and_examples(correct, candidates=candidates, chosen_on=chosen_on)
    if values.size > 1:
        return seeds_and_examples_from_means(values, examples, candidates=candidates, chosen_on=chosen_on)
    found = wilson(round(float(values[0]) * examples), examples)
    return Interval(found.low, found.high, found.level, found.method, found.over, examples, chosen_on)
