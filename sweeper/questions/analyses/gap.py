"""How far training accuracy runs ahead of validation accuracy, beside the comparison itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.parts import good_runs, points, span
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.documents.model import Figure
from sweeper.report.facts import ACCURACY, Estimate, scope
from sweeper.report.figures.comparison import GapPanel, gap
from sweeper.report.figures.style import png
from sweeper.statistics import (
    Interval,
    gap_change_over_seeds_and_examples,
    gap_over_seeds_and_examples,
    t_interval,
)


def gaps(results: Results) -> Answer:
    """The comparison, and what the conditions do to the gap, from the question's first to its last."""
    answer = compare(results)
    if len(results.names) < 2:
        return answer
    figure = gap_figure(answer.conditions, answer.name, [panel(_axis(results), answer.conditions)])
    return replace(
        answer, sentences=[*answer.sentences, _sentence(results, answer.conditions)], figures=[figure, *answer.figures]
    )


def gap_interval(results: Results, name: str) -> Interval:
    """Interval for a condition's gap: over seeds and examples, or over seeds alone where hits were not recorded."""
    kept, correct = good_runs(results, name), results.parts(name)
    train = _train(results, name)[kept]
    if correct is None:
        return t_interval(train - np.asarray(results.validated(name))[kept])
    return gap_over_seeds_and_examples(train, correct[kept], _train_examples(results, name))


def change(results: Results, name: str, reference: str, comparisons: int = 1) -> tuple[float, Interval]:
    """How much a condition's gap is larger than the reference's: mean and interval, paired by seed and example.

    Of runs that did not collapse. The interval's level is raised for the number of comparisons (Bonferroni).
    """
    kept, level = good_runs(results, name, reference), 1 - 0.05 / comparisons
    (train, here), (train_of, there) = ((_train(results, n)[kept], _gaps(results, n)[kept]) for n in (name, reference))
    differences = here - there
    correct, other = results.parts(name), results.parts(reference)
    if correct is None or other is None:
        return float(differences.mean()), t_interval(differences, level=level)
    sizes = _train_examples(results, name), _train_examples(results, reference)
    interval = gap_change_over_seeds_and_examples(train, correct[kept], train_of, other[kept], sizes, level)
    return float(differences.mean()), interval


def gap_figure(found: Sequence[ConditionResult], name: str, panels: Sequence[GapPanel]) -> Figure:
    """Training against validation accuracy of each condition."""
    stated = "; ".join(f"{c.name} {100 * (c.gap or 0):.1f} points" for c in found)
    caption = "Training and validation accuracy (means over seeds); the shaded part between them does not generalise."
    return Figure(f"{name}-gap", png(gap(panels)), caption, f"Gap between training and validation accuracy: {stated}.")


def panel(
    label: str,
    found: Sequence[ConditionResult],
    *,
    names: Sequence[str] = (),
    x: Sequence[float] = (),
    log: bool = False,
) -> GapPanel:
    """One panel of the figure; the conditions are in the order of the axis, under other names where some are given."""
    shown = names or [condition.name for condition in found]
    train = [Estimate(name, condition.train or 0.0) for name, condition in zip(shown, found, strict=True)]
    validation = [replace(c.estimate, name=name) for name, c in zip(shown, found, strict=True)]
    return GapPanel(label, train, validation, x, log)


def _train(results: Results, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(results.trained(name), dtype=np.float64)


def _gaps(results: Results, name: str) -> npt.NDArray[np.float64]:
    """Training less validation accuracy of a condition for each of the shared seeds, [R]."""
    return _train(results, name) - np.asarray(results.validated(name), dtype=np.float64)


def _train_examples(results: Results, name: str) -> int:
    config = next(c.config for c in results.prepared.conditions if c.name == name)
    return config.dataset.train_size or int(results.data["sizes"]["train"])


def _axis(results: Results) -> str:
    words = results.prepared.question.said("").strip()
    return words[:1].upper() + words[1:] or "Condition"


def _sentence(results: Results, found: Sequence[ConditionResult]) -> str:
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
        f"{ACCURACY.text(last.train or 0)}): {verb} (95% interval "
        f"{span(interval, sign=sign)} {scope(interval.over, interval.examples)})."
    )
