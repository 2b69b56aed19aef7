"""How far training accuracy runs ahead of validation accuracy, beside the comparison itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.parts import points, span
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer, Condition
from sweeper.report.documents.model import Figure
from sweeper.report.facts import ACCURACY, Estimate
from sweeper.report.figures import GapPanel, gap, png
from sweeper.statistics import Interval, t_interval


def gaps(results: Results) -> Answer:
    """The comparison, and what the conditions do to the gap, from the question's first to its last."""
    answer = compare(results)
    if len(results.names) < 2:
        return answer
    figure = gap_figure(answer.conditions, answer.name, [panel(_axis(results), answer.conditions)])
    return replace(
        answer, sentences=[*answer.sentences, _sentence(results, answer.conditions)], figures=[figure, *answer.figures]
    )


def gaps_by_seed(results: Results, name: str) -> list[float]:
    """Training less validation accuracy of a condition for each of the shared seeds, [R]."""
    return list(np.subtract(results.train_accuracies(name), results.accuracies(name)))


def change(results: Results, name: str, reference: str, comparisons: int = 1) -> tuple[float, Interval]:
    """By how much a condition's gap is larger than the reference's: mean and interval, paired by seed.

    The interval's level is raised for the number of comparisons (Bonferroni).
    """
    differences = np.subtract(gaps_by_seed(results, name), gaps_by_seed(results, reference))
    return float(differences.mean()), t_interval(list(differences), level=1 - 0.05 / comparisons)


def gap_figure(found: Sequence[Condition], name: str, panels: Sequence[GapPanel]) -> Figure:
    """Training against validation accuracy of each condition."""
    told = "; ".join(f"{c.name} {100 * (c.gap or 0):.1f} points" for c in found)
    caption = "Training and validation accuracy (means over seeds); the shaded part between them does not generalise."
    return Figure(f"{name}-gap", png(gap(panels)), caption, f"Gap between training and validation accuracy: {told}.")


def panel(
    label: str, found: Sequence[Condition], *, names: Sequence[str] = (), x: Sequence[float] = (), log: bool = False
) -> GapPanel:
    """One panel of the figure; the conditions are in the order of the axis, under other names where some are given."""
    shown = names or [condition.name for condition in found]
    train = [Estimate(name, condition.train or 0.0) for name, condition in zip(shown, found, strict=True)]
    validation = [replace(c.estimate, name=name) for name, c in zip(shown, found, strict=True)]
    return GapPanel(label, train, validation, x, log)


def _axis(results: Results) -> str:
    words = results.prepared.question.said("").strip()
    return words[:1].upper() + words[1:] or "Condition"


def _sentence(results: Results, found: Sequence[Condition]) -> str:
    """What the gap is at both ends of the conditions, and whether it changes between them."""
    said = results.prepared.question.said
    first, last = found[0], found[-1]
    difference, interval = change(results, last.name, first.name)
    if interval.low <= 0 <= interval.high:
        verb = "no change is shown between the two"
    else:
        verb = f"it {'grows' if difference > 0 else 'shrinks'} by {100 * abs(difference):.2f}"
    sign = 1 if difference > 0 or interval.low <= 0 <= interval.high else -1
    return (
        f"The gap between training and validation accuracy is {points(first.gap or 0)} with {said(first.name)} "
        f"(training {ACCURACY.text(first.train or 0)}) and {points(last.gap or 0)} with {said(last.name)} (training "
        f"{ACCURACY.text(last.train or 0)}): {verb} (95% interval {span(interval, sign=sign)})."
    )
