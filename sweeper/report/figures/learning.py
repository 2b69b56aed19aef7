"""Curves: how training goes by step, and how an estimate goes along any axis, with bands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.report.facts import ACCURACY, RMSE, Line, Measure
from sweeper.report.figures.axes import Floats, focus, name_lines, numbers, ticks_at, whole_numbers
from sweeper.report.figures.style import BLUE, FAINT, MUTED, PALETTE, VERMILLION, canvas, styled
from sweeper.trial import EpochReport, Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMED = 7
"""More curves than this cannot be told apart by colour: the best are named, the rest are a grey background."""

MOST_POINTS = 150
"""More points than this are a solid block of ink where they go up and down."""


@styled
def learning_curves(
    curves: Mapping[str, Sequence[EpochReport]],
    *,
    highlight: Collection[str] = (),
    measure: Measure = ACCURACY,
    title: str = "",
) -> Figure:
    """Training and validation loss and score by step; each curve's mean over its seeds, the band all of them.

    Of a regression the score is the RMSE, else accuracy, unless every validation has the measure.

    Args:
        curves: the validations of each run or trial, by name; empty ones are left out.
        highlight: names to draw in colour where there are many; the best five if none are given.
        measure: of the score.
        title: above the figure.
    """
    full = {name: history for name, history in curves.items() if history}
    figure, shown = canvas(title, height=3.1), _measure(full, measure)
    second = _score_of(shown)
    for axes, label, scores in zip(figure.subplots(1, 2), ("Loss", shown.of_both.label), (_loss, second), strict=True):
        axes.set_title(label)
        axes.set_xlabel("Step")
        if len(full) == 1:
            _one(axes, next(iter(full.values())), scores)
        else:
            _several(axes, full, _colours(full, highlight, shown), scores)
        whole_numbers(axes, "x", 5)
        numbers(axes, "y", log=scores is _loss and _many_decades(full, scores))
        axes.set_xlim(0, max([history[-1].step for history in full.values()], default=1))
        if scores is second:
            axes.set_ylim(*_limits(full, shown))
            name_lines(axes, _ends(full, _colours(full, highlight, shown), shown))
    return figure


@styled
def lines(
    curves: Sequence[Line],
    *,
    x_label: str,
    measure: Measure = ACCURACY,
    log_x: bool = False,
    at: Sequence[float] = (),
    title: str = "",
) -> Figure:
    """Curves with bands over a numeric axis, each named at its end.

    Args:
        curves: drawn in order, dashed ones (a theory, a baseline) in grey.
        x_label: with the unit.
        measure: of the values.
        log_x: for an axis of magnitudes, 0 among them or not.
        at: where ticks go, if not wherever they fall.
        title: above the figure.
    """
    figure = canvas(title, height=3.5)
    axes = figure.subplots()
    solid = iter(PALETTE * (1 + len(curves) // len(PALETTE)))
    colours = [MUTED if curve.dashed else next(solid) for curve in curves]
    for curve, colour in zip(curves, colours, strict=True):
        _banded(axes, curve, colour, measure)
    axes.set(xlabel=x_label, ylabel=measure.label)
    axes.margins(x=0)
    places = {float(x) for curve in curves for x in curve.x}
    if log_x or any(not place.is_integer() for place in places):
        numbers(axes, "x", log=log_x, linear_to=min(places - {0.0}, default=0.0) if 0 in places else 0.0)
    else:
        whole_numbers(axes, "x")
    numbers(axes, "y")
    if at:
        ticks_at(axes, "x", at)
    name_lines(axes, [(c.name, measure.shown(c.y[-1]), colour) for c, colour in zip(curves, colours, strict=True)])
    return figure


def _banded(axes: Axes, curve: Line, colour: str, measure: Measure) -> None:
    x = np.asarray(curve.x, dtype=np.float64)
    if curve.low is not None and curve.high is not None:
        low, high = ([measure.shown(value) for value in side] for side in (curve.low, curve.high))
        axes.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)
    few = len(x) <= 12 and not curve.dashed
    y = [measure.shown(value) for value in curve.y]
    axes.plot(x, y, "--" if curve.dashed else "-", color=colour, marker="o" if few else "", zorder=3, clip_on=False)


def _one(axes: Axes, history: Sequence[EpochReport], scores: Callable[[Scores], Floats]) -> None:
    steps = [report.step for report in history]
    parts = (("validation", VERMILLION), ("train", BLUE))
    for part, colour in parts:
        values = np.array([scores(getattr(report, part)) for report in history])
        if values.size:
            at, means = _fewer(steps, values)
            _band(axes, at, means, colour)
            axes.plot(at, means.mean(axis=1), color=colour, zorder=3)


def _fewer(steps: Sequence[int], values: Floats) -> tuple[list[int], Floats]:
    """Means of so many validations in a row that the points can be told apart, each where its last one is, [N, R]."""
    blocks = np.array_split(np.arange(len(steps)), min(len(steps), MOST_POINTS))
    return [steps[block[-1]] for block in blocks], np.array([values[block].mean(axis=0) for block in blocks])


def _several(
    axes: Axes,
    curves: Mapping[str, Sequence[EpochReport]],
    colours: Mapping[str, str],
    scores: Callable[[Scores], Floats],
) -> None:
    for name, history in curves.items():
        colour = colours.get(name, FAINT)
        steps = [report.step for report in history]
        validation = np.array([scores(report.validation) for report in history])
        axes.plot(steps, validation.mean(axis=1), color=colour, **_weight(name in colours))
        if name in colours:
            _band(axes, steps, validation, colour)
            train = np.array([scores(report.train) for report in history])
            if train.size:
                axes.plot(steps, train.mean(axis=1), ":", color=colour, linewidth=1.2, zorder=3)
    if scores is _loss:
        axes.plot([], [], "-", color=MUTED, label="validation")
        axes.plot([], [], ":", color=MUTED, linewidth=1.2, label="training")
        axes.legend(loc="upper right")


def _weight(named: bool) -> dict[str, Any]:
    return {"zorder": 4, "linewidth": 1.7} if named else {"zorder": 2, "linewidth": 0.7, "alpha": 0.7}


def _band(axes: Axes, steps: Sequence[int], values: Floats, colour: str) -> None:
    if values.shape[1] > 1:
        axes.fill_between(steps, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.18, linewidth=0)


def _measure(curves: Mapping[str, Sequence[EpochReport]], asked: Measure) -> Measure:
    """What all of the curves have: what is asked for, or else accuracy, or the RMSE."""
    reports = [report for history in curves.values() for report in history]
    if asked.key != "loss" and all(asked.key in report.validation.known for report in reports):
        return asked
    return ACCURACY if all(report.validation.accuracy for report in reports) else RMSE


def _score_of(measure: Measure) -> Callable[[Scores], Floats]:
    def values(scores: Scores) -> Floats:
        found = np.asarray(scores.known.get(measure.key, ()), dtype=np.float64)
        return 100 * found if measure.percent else found

    return values


def _colours(
    curves: Mapping[str, Sequence[EpochReport]], highlight: Collection[str], measure: Measure
) -> dict[str, str]:
    if len(curves) > MOST_NAMED:
        sign = -1 if measure.maximize else 1
        by_score = sorted(curves, key=lambda name: sign * curves[name][-1].validation.mean(measure.key))
        named = [name for name in by_score if name in highlight] or by_score[:5]
    else:
        named = list(curves)
    return dict(zip(named, PALETTE, strict=False))


def _ends(
    curves: Mapping[str, Sequence[EpochReport]], colours: Mapping[str, str], measure: Measure
) -> list[tuple[str, float, str]]:
    if len(curves) == 1:
        last = next(iter(curves.values()))[-1]
        sides = (("training", last.train, BLUE), ("validation", last.validation, VERMILLION))
        known = [side for side in sides if measure.key in side[1].known]
        return [(name, measure.shown(scores.mean(measure.key)), colour) for name, scores, colour in known]
    return [
        (name, measure.shown(curves[name][-1].validation.mean(measure.key)), colour) for name, colour in colours.items()
    ]


def _limits(curves: Mapping[str, Sequence[EpochReport]], measure: Measure) -> tuple[float, float]:
    seen = [
        measure.shown(value)
        for history in curves.values()
        for report in history[len(history) // 4 :]
        for scores in (report.validation, report.train)
        for value in scores.known.get(measure.key, ())
    ]
    return focus(seen, maximize=measure.maximize)


def _many_decades(curves: Mapping[str, Sequence[EpochReport]], scores: Callable[[Scores], Floats]) -> bool:
    seen = [
        scores(part) for history in curves.values() for report in history for part in (report.train, report.validation)
    ]
    values = np.concatenate(seen) if seen else np.ones(1)
    positive = values[np.isfinite(values) & (values > 0)]
    return scores is _loss and len(positive) > 0 and bool(positive.max() > 20 * positive.min())


def _loss(scores: Scores) -> Floats:
    return np.asarray(scores.loss, dtype=np.float64)
