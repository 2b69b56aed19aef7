"""How far training accuracy runs ahead of validation accuracy, beside the comparison itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sweeper.questions.compare import compare
from sweeper.questions.parts import points
from sweeper.questions.results import Results
from sweeper.report.answer import Answer, Condition
from sweeper.report.document import Figure
from sweeper.report.facts import ACCURACY, Estimate
from sweeper.report.figures import GapPanel, gap, png


def gaps(results: Results) -> Answer:
    """The comparison, and what the conditions do to the gap."""
    answer = compare(results)
    figure = gap_figure(answer.conditions, "Condition", answer.name)
    return replace(
        answer,
        sentences=[*answer.sentences, sentence(answer.conditions)],
        figures=[answer.figures[0], figure, *answer.figures[1:]],
    )


def sentence(conditions: Sequence[Condition]) -> str:
    """Where the gap is smallest and where it is largest."""
    ordered = sorted(conditions, key=lambda condition: condition.gap or 0.0)
    low, high = ordered[0], ordered[-1]
    return (
        f"The gap between training and validation accuracy runs from {points(low.gap or 0)} ({low.name}) "
        f"to {points(high.gap or 0)} ({high.name}, {ACCURACY.text(high.train or 0)} in training)."
    )


def gap_figure(conditions: Sequence[Condition], label: str, name: str, panels: Sequence[GapPanel] = ()) -> Figure:
    """Training against validation accuracy of each condition."""
    shown = panels or [panel(label, conditions)]
    told = "; ".join(f"{c.name} {100 * (c.gap or 0):.1f} points" for c in conditions)
    caption = "Training and validation accuracy (means over seeds); the shaded part between them does not generalise."
    return Figure(f"{name}-gap", png(gap(shown)), caption, f"Gap between training and validation accuracy: {told}.")


def panel(label: str, conditions: Sequence[Condition], *, x: Sequence[float] = (), log: bool = False) -> GapPanel:
    """One panel of the figure; the conditions are in the order of the axis."""
    train = [Estimate(condition.name, condition.train or 0.0) for condition in conditions]
    return GapPanel(label, train, [condition.estimate for condition in conditions], x, log)
