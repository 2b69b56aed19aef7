"""Why batches of 100: accuracy per second, per example and per step, and the noise of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sweeper.config.schema import Config
from sweeper.questions.compare import compare
from sweeper.questions.gradient_noise import gradient_noise
from sweeper.questions.results import Results
from sweeper.records import EpochReport
from sweeper.report.answer import Answer, Condition
from sweeper.report.document import Cell, Column, Figure, Table
from sweeper.report.facts import ACCURACY, Line, Measure
from sweeper.report.figures import lines, png
from sweeper.study.story import Story

NOISE = Measure("Noise of the gradient, relative to its length", percent=False, maximize=False)
EXAMPLES = 5000
"""Training examples on which the gradient's noise is measured: enough for a batch of 1,000 to be a small part."""


def batch_size(results: Results) -> Answer:
    """The comparison at equal examples seen, the curves by step, example and second, and the gradient's noise."""
    answer = compare(results)
    sizes = {name: _batch(results, name) for name in results.repeats}
    noise = _noise(results, sizes)
    figures = [_curves(results, name, label, at) for name, (label, at) in _axes(sizes).items()]
    return replace(
        answer,
        sentences=[*answer.sentences, _sentence(answer.conditions, sizes, noise)],
        figures=[answer.figures[0], *figures, _noise_figure(noise), *answer.figures[1:]],
        tables=[*answer.tables, _table(results, answer.conditions, sizes, noise)],
    )


def _batch(results: Results, name: str) -> int:
    config = Config.from_dict(next(iter(results.repeats[name].values())).config)
    return int(results.data["sizes"]["train"]) if config.batch_size == "full" else int(config.batch_size)


def _noise(results: Results, sizes: Mapping[str, int]) -> dict[int, float]:
    """Of each batch size that is less than all of the examples looked at; the full batch has none."""
    split = results.load()
    features, labels = split.train[:EXAMPLES], split.train_labels[:EXAMPLES]
    return gradient_noise(features, labels, sorted({size for size in sizes.values() if size < len(labels)}))


Place = Callable[[EpochReport, str], float]


def _axes(sizes: Mapping[str, int]) -> dict[str, tuple[str, Place]]:
    """What progress can be counted in."""
    return {
        "step": ("Steps", lambda report, _: report.step),
        "example": ("Examples seen", lambda report, name: report.step * sizes[name]),
        "second": ("Seconds of training", lambda report, _: report.seconds),
    }


def _curves(results: Results, name: str, label: str, place: Place) -> Figure:
    curves = [_curve(condition, list(seeds.values()), place) for condition, seeds in results.repeats.items()]
    drawn = lines(curves, x_label=label, log_x=True)
    ends = "; ".join(f"{curve.name} reaches {ACCURACY.text(curve.y[-1])} after {curve.x[-1]:.3g}" for curve in curves)
    caption = f"Validation accuracy against {label.lower()} (means over seeds; batch size at each curve's end)."
    return Figure(f"batch-size-per-{name}", png(drawn), caption, f"By {label.lower()}: {ends}.")


def _curve(name: str, stories: Sequence[Story], place: Place) -> Line:
    histories = [story.history for story in stories]
    shortest = min(map(len, histories))
    rows = [[history[i] for history in histories] for i in range(shortest)]
    x = [float(np.mean([place(report, name) for report in row])) for row in rows]
    y = [float(np.mean([report.validation.mean_accuracy for report in row])) for row in rows]
    return Line(name, x, y)


def _noise_figure(noise: Mapping[int, float]) -> Figure:
    sizes = sorted(noise)
    root = [noise[sizes[0]] * (sizes[0] / size) ** 0.5 for size in sizes]
    curves = [Line("measured", sizes, [noise[size] for size in sizes]), Line("1/√batch", sizes, root, dashed=True)]
    drawn = lines(curves, x_label="Batch size", measure=NOISE, log_x=True, at=sizes)
    told = "; ".join(f"{size}: {noise[size]:.2g}" for size in sizes)
    caption = "How far a batch's gradient is from that of all examples, at the initial weights (root mean square)."
    return Figure("batch-size-noise", png(drawn), caption, f"Relative noise by batch size: {told}.")


def _table(results: Results, found: Sequence[Condition], sizes: Mapping[str, int], noise: Mapping[int, float]) -> Table:
    columns = (
        Column("Batch"),
        Column("Steps", ",d", "right"),
        Column("Seconds", ".2f", "right"),
        Column("Accuracy", ".2%", "right"),
        Column("Gradient noise", ".2f", "right"),
    )
    rows: list[list[Cell]] = []
    for condition in found:
        ends = [story.history[-1] for story in results.repeats[condition.name].values()]
        seconds = float(np.mean([report.seconds for report in ends]))
        rows.append([condition.name, ends[0].step, seconds, condition.value, noise.get(sizes[condition.name])])
    return Table("The same examples seen, in batches of each size", columns, rows)


def _sentence(found: Sequence[Condition], sizes: Mapping[str, int], noise: Mapping[int, float]) -> str:
    biggest = max(found, key=lambda condition: sizes[condition.name])
    small, large = min(noise), max(noise)
    return (
        f"At equal examples seen, batches of {sizes[biggest.name]:,} come to {ACCURACY.text(biggest.value)}: they make "
        f"few steps. A larger batch makes each step surer, but slowly: from {small} to {large:,} examples the "
        f"gradient's noise falls from {noise[small]:.1f} to {noise[large]:.2f} times its length, with the square root "
        f"of the batch, while the work grows with the batch itself."
    )
