"""Why accuracy is lower on new data than on the training data: the gap over examples, width and regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeper.questions.compare import compare
from sweeper.questions.gap import gap_figure, panel
from sweeper.questions.parts import points
from sweeper.questions.results import Results
from sweeper.report.answer import Answer, Condition
from sweeper.report.facts import ACCURACY
from sweeper.report.figures import GapPanel
from sweeper.report.statistics import t_interval

PANELS = {
    "Training examples": ("dataset.train_size",),
    "Width of the hidden layers": ("hidden",),
    "Regularisation": ("dropout", "l2", "l1"),
}
"""A condition belongs to the panel of the key that it sets; one that sets none is in all of them."""


def generalization(results: Results) -> Answer:
    """The gap first: every condition's training accuracy against its validation accuracy."""
    answer = compare(results)
    panels = [made for label, keys in PANELS.items() if (made := _panel(results, answer.conditions, label, keys))]
    figure = gap_figure(answer.conditions, "Condition", answer.name, panels)
    return replace(
        answer,
        sentences=_sentences(results, answer.conditions),
        figures=[figure, *answer.figures],
    )


def _panel(results: Results, found: Sequence[Condition], label: str, keys: Sequence[str]) -> GapPanel | None:
    overrides = {c.name: c.overrides for c in results.prepared.conditions}
    mine = [c for c in found if any(text.startswith(f"{key}=") for key in keys for text in overrides[c.name])]
    plain = [c for c in found if not _sets_any(overrides[c.name])]
    if not mine:
        return None
    return panel(label, sorted([*mine, *plain], key=lambda c: -(c.gap or 0.0)))


def _sets_any(overrides: Sequence[str]) -> bool:
    return any(text.startswith(f"{key}=") for keys in PANELS.values() for key in keys for text in overrides)


def _sentences(results: Results, found: Sequence[Condition]) -> list[str]:
    """The gap of the plain network, what makes it larger, and what makes it smaller."""
    ordered = sorted(found, key=lambda condition: condition.gap or 0.0)
    low, high = ordered[0], ordered[-1]
    why = (
        "Training adapts the weights to the very examples it sees, their noise included, so accuracy on them is partly "
        "memory; on other examples it is not."
    )
    told = [why]
    for condition, word in ((high, "largest"), (low, "smallest")):
        interval = t_interval(_gaps(results, condition.name))
        told.append(
            f"The gap is {word} for {condition.name}: {points(condition.gap or 0)} (95 % interval "
            f"{100 * interval.low:.2f} to {100 * interval.high:.2f}; training {ACCURACY.text(condition.train or 0)}, "
            f"validation {ACCURACY.text(condition.value)})."
        )
    return told


def _gaps(results: Results, name: str) -> list[float]:
    return list(np.subtract(results.train_accuracies(name), results.accuracies(name)))
