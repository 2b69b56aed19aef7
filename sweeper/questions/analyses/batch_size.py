"""Why batches of 100: accuracy per second, per example and per step, and the noise of the gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweeper.config.schema import Config
from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.gradient_noise import gradient_noise
from sweeper.questions.analyses.parts import listed
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.documents.model import Cell, Figure, Table, TableColumn
from sweeper.report.facts import ACCURACY, Line, Measure
from sweeper.report.figures.learning import lines
from sweeper.report.figures.style import png

NOISE = Measure("Noise of the gradient, relative to its length", percent=False, maximize=False)
EXAMPLES = 5000
"""Training examples on which the gradient's noise is measured: enough for a batch of 1,000 to be a small part."""
SHORT_OF = 0.02
"""The accuracy to be reached is that far below the best, rounded down to a whole percent."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a condition's repeats went, their mean at each validation.

    Attributes:
        name: of the condition.
        batch: examples in a step.
        steps, examples, seconds: so far.
        accuracy: on validation examples.
    """

    name: str
    batch: int
    steps: tuple[float, ...]
    examples: tuple[float, ...]
    seconds: tuple[float, ...]
    accuracy: tuple[float, ...]

    def reached(self, accuracy: float) -> int | None:
        """The first validation at which it has that accuracy."""
        return next((n for n, value in enumerate(self.accuracy) if value >= accuracy), None)


def batch_size(results: Results) -> Answer:
    """The comparison at equal examples seen, the curves by step, example and second, and the gradient's noise."""
    answer = compare(results)
    courses = [_course(results, name) for name in results.names]
    noise = _noise(results, [course.batch for course in courses])
    figures = [_curves(courses, answer.name, word, label, at) for word, (label, at) in AXES.items()]
    target = _target(answer.conditions)
    said = [_reaching(courses, target), _noisy(noise)]
    return replace(
        answer,
        sentences=[*answer.sentences, *(sentence for sentence in said if sentence)],
        figures=[
            figures[0],
            *answer.figures[:1],
            *figures[1:],
            *_noise_figure(noise, answer.name),
            *answer.figures[1:],
        ],
        tables=[*answer.tables, _table(courses, target, noise)],
        notes=[*answer.notes, _NOTE],
    )


_NOTE = (
    "Every batch size sees the same examples, as often: small batches make many steps and large ones few. Seconds are "
    "those of this machine, validations included; a graphics card makes large batches cheaper."
)

AXES: dict[str, tuple[str, Callable[[Course], Sequence[float]]]] = {
    "second": ("Seconds of training", lambda course: course.seconds),
    "example": ("Examples seen", lambda course: course.examples),
    "step": ("Steps", lambda course: course.steps),
}
"""What progress can be counted in."""


def _course(results: Results, name: str) -> Course:
    trials = [results.repeats[name][seed] for seed in results.seeds]
    config = Config.from_dict(trials[0].config)
    batch = int(results.data["sizes"]["train"]) if config.batch_size == "full" else int(config.batch_size)
    rows = list(zip(*(trial.history for trial in trials), strict=False))
    steps = tuple(float(np.mean([report.step for report in row])) for row in rows)
    return Course(
        name,
        batch,
        steps,
        tuple(step * batch for step in steps),
        tuple(float(np.mean([report.seconds for report in row])) for row in rows),
        tuple(float(np.mean([report.validation.mean("accuracy") for report in row])) for row in rows),
    )


def _noise(results: Results, sizes: Sequence[int]) -> dict[int, float]:
    """The gradient noise of each batch size below the number of examples looked at; the full batch has none."""
    split = results.load()
    features, labels = split.some(slice(EXAMPLES)), split.train_labels[:EXAMPLES].astype(np.int64, copy=False)
    return gradient_noise(features, labels, sorted({size for size in sizes if size < len(labels)}))


def _curves(
    courses: Sequence[Course], name: str, word: str, label: str, place: Callable[[Course], Sequence[float]]
) -> Figure:
    drawn = lines([Line(c.name, place(c), c.accuracy) for c in courses], x_label=label, log_x=True)
    ends = "; ".join(f"{c.name} reaches {ACCURACY.text(c.accuracy[-1])} after {place(c)[-1]:.3g}" for c in courses)
    caption = f"Validation accuracy against {label.lower()}: means over seeds, the batch size at each curve's end."
    return Figure(f"{name}-per-{word}", png(drawn), caption, f"By {label.lower()}: {ends}.")


def _noise_figure(noise: Mapping[int, float], name: str) -> list[Figure]:
    sizes = sorted(noise)
    if len(sizes) < 2:
        return []
    root = [noise[sizes[0]] * (sizes[0] / size) ** 0.5 for size in sizes]
    curves = [Line("measured", sizes, [noise[size] for size in sizes]), Line("1/√batch", sizes, root, dashed=True)]
    drawn = lines(curves, x_label="Batch size", measure=NOISE, log_x=True, at=sizes)
    stated = "; ".join(f"{size}: {noise[size]:.2g}" for size in sizes)
    caption = (
        "How far a batch's gradient is from that of all examples (root mean square over batches), the tutorial's "
        "network at its initial weights."
    )
    return [Figure(f"{name}-noise", png(drawn), caption, f"Relative noise by batch size: {stated}.")]


def _target(found: Sequence[ConditionResult]) -> float:
    return math.floor(100 * (max(condition.value for condition in found) - SHORT_OF)) / 100


def _reaching(courses: Sequence[Course], target: float) -> str:
    there = [(course, at) for course in courses if (at := course.reached(target)) is not None]
    others = [course.name for course in courses if course.reached(target) is None]
    if len(there) < 2:
        return ""
    fastest = min(there, key=lambda one: one[0].seconds[one[1]])
    took = listed([f"{course.seconds[at]:.2g} s with {course.name}" for course, at in there])
    never = f"; {listed(others)} did not get there with the examples given" if others else ""
    seen = f"Each batch size saw about {max(c.examples[-1] for c in courses):,.0f} examples, {_steps(courses)}."
    return f"{seen} To {100 * target:.0f}% it took {took}, soonest with {fastest[0].name}{never}."


def _steps(courses: Sequence[Course]) -> str:
    most, least = max(courses, key=_made), min(courses, key=_made)
    return f"which makes {_made(most):,.0f} steps with {most.name} and {_made(least):,.0f} with {least.name}"


def _made(course: Course) -> float:
    return course.steps[-1]


def _noisy(noise: Mapping[int, float]) -> str:
    if len(noise) < 2:
        return ""
    small, large = min(noise), max(noise)
    falls, grows = noise[small] / noise[large], large / small
    return (
        f"A larger batch makes a step surer, but slowly: from {small:,} to {large:,} examples, {grows:,.0f} times the "
        f"work, the noise of the gradient falls from {noise[small]:.2g} to {noise[large]:.2g} times its length, by a "
        f"factor of {falls:.0f} (the square root of {grows:,.0f} is {grows**0.5:.0f})."
    )


def _table(courses: Sequence[Course], target: float, noise: Mapping[int, float]) -> Table:
    goal = f"{100 * target:.0f}%"
    columns = (
        TableColumn("Batch"),
        TableColumn("Steps", ",.0f", "right"),
        TableColumn("Seconds", ".2f", "right"),
        TableColumn("Accuracy", ".2%", "right"),
        TableColumn(f"Examples to {goal}", ",.0f", "right"),
        TableColumn(f"Seconds to {goal}", ".2f", "right"),
        TableColumn("Gradient noise", ".2f", "right"),
    )
    rows: list[list[Cell]] = []
    for course in courses:
        at = course.reached(target)
        there: list[Cell] = [None, None] if at is None else [course.examples[at], course.seconds[at]]
        ends: list[Cell] = [course.name, course.steps[-1], course.seconds[-1], course.accuracy[-1]]
        rows.append([*ends, *there, noise.get(course.batch)])
    return Table("The same examples seen, in batches of each size", columns, rows)
