"""What the folds say of conditions and of their differences, beside what the seeds say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeper.questions.experiment_results import Results
from sweeper.report.folds import fold_means, overlap
from sweeper.statistics import Interval, PairVerdict, fold_interval
from sweeper.statistics.collapse import Flags


def interval_of(results: Results, name: str, kept: Flags) -> Interval | None:
    """Interval of a condition's mean by its folds, each the mean over the seeds that are `kept`; None without folds.

    It allows for what the folds' training parts share (Nadeau and Bengio 2003), as a single run's does.
    """
    means = _means(results, name, kept)
    if not means:
        return None
    found, measure = fold_interval(means, _overlap(results, name)), results.measure
    return replace(found, low=measure.clipped(found.low), high=measure.clipped(found.high))


def with_folds(results: Results, pairs: Sequence[PairVerdict], kept: Sequence[Flags]) -> list[PairVerdict]:
    """Comparisons with what the folds say of each difference; their verdicts stay those over seeds.

    Args:
        results: of the question.
        pairs: its comparisons.
        kept: the seeds on which neither of a pair collapsed, [R] for each.
    """
    return [replace(pair, over_folds=_difference(results, pair, good)) for pair, good in zip(pairs, kept, strict=True)]


def _difference(results: Results, pair: PairVerdict, kept: Flags) -> Interval | None:
    a, b = (_means(results, name, kept) for name in (pair.a, pair.b))
    if not a or not b:
        return None
    shared = max(_overlap(results, name) for name in (pair.a, pair.b))
    return fold_interval(np.subtract(a, b), shared, comparisons=pair.comparisons)


def _means(results: Results, name: str, kept: Flags) -> tuple[float, ...]:
    seeds = [seed for seed, good in zip(results.seeds, kept, strict=True) if good]
    found = [result for seed in seeds if (result := results.repeats[name][seed].result)]
    return fold_means(found, results.measure.key)


def _overlap(results: Results, name: str) -> float:
    """The largest of its repeats': of a part of the training rows, folds share more of what they are judged on."""
    found = [result for seed in results.seeds if (result := results.repeats[name][seed].result)]
    return max(overlap(result.data) for result in found)
