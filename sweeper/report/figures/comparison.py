"""Comparisons: conditions with every seed, their paired differences, and training against validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Literal

import numpy as np

from sweeper.report.facts import ACCURACY, Estimate, Measure
from sweeper.report.figures.axes import focus, name_lines, note, numbers, plain, ticks_at
from sweeper.report.figures.style import BLUE, FAINT, GRID, INK, MUTED, VERDICT_COLOURS, VERMILLION, canvas, ink, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


EITHER = Measure("Accuracy")
"""The colours of training and validation in one figure."""


@dataclass(frozen=True, slots=True)
class GapPanel:
    """Training and validation along one thing that was varied.

    Attributes:
        name: of what was varied, with its unit.
        train, validation: as long as each other, in order, named by the condition.
        x: the conditions as numbers, or empty for categories.
        log: for numbers that span magnitudes.
    """

    name: str
    train: Sequence[Estimate]
    validation: Sequence[Estimate]
    x: Sequence[float] = ()
    log: bool = False


@styled
def conditions(
    estimates: Sequence[Estimate], *, measure: Measure = ACCURACY, interval: str = "95% interval", title: str = ""
) -> Figure:
    """Each condition's mean, interval and every seed's point, with its numbers and verdict beside it.

    Args:
        estimates: in the order to read them, the first on top.
        measure: of the values.
        interval: what the bar is, for the key.
        title: above the figure.
    """
    figure = canvas(title, height=1.15 + 0.4 * len(estimates))
    axes = figure.subplots()
    seen = [measure.shown(v) for e in estimates for v in (e.value, e.low, e.high, *e.points) if v is not None]
    limits = focus(seen, maximize=measure.maximize)
    axes.set_xlim(*limits)
    axes.set_ylim(len(estimates) - 0.5, -0.6)
    for row, estimate in enumerate(estimates):
        _condition(axes, row, estimate, measure, limits)
    axes.set_yticks(range(len(estimates)), [fill(e.name, 30) for e in estimates], color=INK)
    axes.set_xlabel(measure.label)
    _key(axes, interval)
    axes.grid(visible=False, axis="y")
    numbers(axes, "x")
    return figure


@styled
def differences(
    estimates: Sequence[Estimate], *, measure: Measure = ACCURACY, interval: str = "95% interval", title: str = ""
) -> Figure:
    """Paired differences with their intervals about the line of no difference, coloured by verdict.

    Args:
        estimates: named ``A − B``; the value is A less B in the measure's own units.
        measure: of the two that were compared.
        interval: what the bar is, for the axis.
        title: above the figure.
    """
    figure = canvas(title, height=1.2 + 0.38 * len(estimates))
    axes = figure.subplots()
    limits = _about_zero(estimates, measure)
    axes.set_xlim(*limits)
    axes.axvline(0, color=MUTED, linewidth=1, zorder=1)
    for row, estimate in enumerate(estimates):
        colour = VERDICT_COLOURS[estimate.verdict]
        low, high = (measure.shown(estimate.value if v is None else v) for v in (estimate.low, estimate.high))
        axes.plot([low, high], [row, row], color=colour, linewidth=3.2, alpha=0.5, solid_capstyle="butt")
        axes.plot(measure.shown(estimate.value), row, "o", color=colour, markersize=7.5, markeredgecolor="white")
        if not limits[0] <= measure.shown(estimate.value) <= limits[1]:
            _off_the_scale(axes, row, below=measure.shown(estimate.value) < limits[0], colour=colour)
        _beside(axes, row, f"{_signed(measure.shown(estimate.value))}   {estimate.verdict}", ink(colour))
    axes.set_yticks(range(len(estimates)), [fill(e.name, 34) for e in estimates], color=INK)
    axes.set_ylim(len(estimates) - 0.5, -0.6)
    unit = "percentage points" if measure.percent else measure.unit
    said = f"Difference in {measure.name.lower()} ({unit}; bar: {interval})".replace("(; ", "(")
    axes.set_xlabel(fill(said, 72))
    axes.grid(visible=False, axis="y")
    numbers(axes, "x")
    return figure


@styled
def gap(panels: Sequence[GapPanel], *, measure: Measure = EITHER, title: str = "") -> Figure:
    """Training against validation along each thing that was varied; the shaded gap is what does not generalise."""
    figure = canvas(title, height=3.3)
    drawn = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(drawn, panels, strict=True):
        x = list(panel.x) or list(range(len(panel.validation)))
        _filled(axes, x, panel, measure)
        axes.set_title(_gap_title(panel, measure), fontsize=8.5, color=MUTED)
        axes.set_xlabel(panel.name)
        numbers(axes, "x", log=panel.log)
        if panel.x:
            ticks_at(axes, "x", _apart(panel.x, log=panel.log, most=12 // len(panels)))
        else:
            axes.set_xticks(x, [fill(e.name, 12) for e in panel.validation])
            axes.margins(x=0.1)
    drawn[0].set_ylabel(measure.label)
    numbers(drawn[0], "y")
    last = panels[-1]
    ends = (("training", last.train, BLUE), ("validation", last.validation, VERMILLION))
    name_lines(drawn[-1], [(name, measure.shown(side[-1].value), colour) for name, side, colour in ends])
    return figure


def _condition(axes: Axes, row: int, estimate: Estimate, measure: Measure, limits: tuple[float, float]) -> None:
    colour = VERDICT_COLOURS[estimate.verdict]
    mean = measure.shown(estimate.value)
    word = estimate.verdict and f"   {estimate.verdict}"
    _beside(axes, row, f"{measure.text(estimate.value)}{word}", ink(colour))
    if not limits[0] <= mean <= limits[1]:
        _off_the_scale(axes, row, below=mean < limits[0], colour=colour)
        return
    if estimate.low is not None and estimate.high is not None:
        ends = [measure.shown(estimate.low), measure.shown(estimate.high)]
        axes.plot(ends, [row, row], color=colour, linewidth=3.2, alpha=0.5, solid_capstyle="butt", zorder=2)
    seeds = [measure.shown(point) for point in estimate.points]
    axes.plot(seeds, np.full(len(seeds), row + 0.24), "o", color=colour, markersize=3.2, alpha=0.75, markeredgewidth=0)
    axes.plot(mean, row, "o", color=colour, markersize=7.5, markeredgecolor="white", zorder=4)
    axes.axhline(row + 0.5, color=GRID, linewidth=0.7, zorder=0)


def _off_the_scale(axes: Axes, row: int, *, below: bool, colour: str) -> None:
    edge = axes.get_xlim()[0 if below else 1]
    side: Literal["left", "right"] = "left" if below else "right"
    sign = 1 if below else -1
    note(axes, "◀" if below else "▶", (edge, row), offset=(4 * sign, 0), align=side, colour=colour)
    note(axes, "off the scale", (edge, row), offset=(15 * sign, 0), align=side, colour=MUTED, size=8)


def _beside(axes: Axes, row: int, text: str, colour: str) -> None:
    note(axes, text, (1, row), across="axes fraction", offset=(8, 0), colour=colour)


def _filled(axes: Axes, x: Sequence[float], panel: GapPanel, measure: Measure) -> None:
    train, validation = ([measure.shown(e.value) for e in side] for side in (panel.train, panel.validation))
    axes.fill_between(x, train, validation, color=FAINT, alpha=0.25, linewidth=0)
    for side, middle, colour in ((panel.train, train, BLUE), (panel.validation, validation, VERMILLION)):
        axes.plot(x, middle, "o-", color=colour, zorder=3, clip_on=False)
        for at, estimate in zip(x, side, strict=True):
            if estimate.low is not None and estimate.high is not None:
                ends = [measure.shown(estimate.low), measure.shown(estimate.high)]
                axes.plot([at, at], ends, color=colour, linewidth=2.6, alpha=0.45, zorder=2)


def _gap_title(panel: GapPanel, measure: Measure) -> str:
    sides = zip(panel.train, panel.validation, strict=True)
    gaps = [abs(measure.shown(train.value) - measure.shown(validation.value)) for train, validation in sides]
    first, last = (plain(float(f"{size:.2g}")) for size in (gaps[0], gaps[-1]))
    return f"gap {first} → {last}" + (" points" if measure.percent else "")


def _key(axes: Axes, interval: str) -> None:
    from matplotlib.lines import Line2D

    bar = Line2D([], [], color=MUTED, linewidth=3.2, alpha=0.5, solid_capstyle="butt", label=interval)
    marks = [
        Line2D([], [], marker="o", linewidth=0, markersize=size, color=MUTED, markeredgecolor="white", label=label)
        for size, label in ((7.5, "mean"), (4.2, "one seed"))
    ]
    axes.legend(
        handles=[marks[0], bar, marks[1]],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.1,
        ncols=3,
        labelcolor=MUTED,
        handletextpad=0.4,
    )


def _about_zero(estimates: Sequence[Estimate], measure: Measure) -> tuple[float, float]:
    ends = [measure.shown(v) for e in estimates for v in (e.value, e.low, e.high) if v is not None]
    bound = focus([abs(end) for end in ends], maximize=False)[1]
    low, high = max(min([*ends, 0]), -bound), min(max([*ends, 0]), bound)
    pad = 0.06 * (high - low) or 1.0
    return low - pad, high + pad


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _apart(values: Sequence[float], *, log: bool, most: int) -> list[float]:
    places = np.log(np.asarray(values, dtype=np.float64)) if log else np.asarray(values, dtype=np.float64)
    least = (places.max() - places.min()) / most
    kept: list[int] = []
    for at in np.argsort(places):
        if not kept or places[at] - places[kept[-1]] >= least:
            kept.append(int(at))
    last = int(np.argmax(places))
    if last not in kept:
        kept[-1:] = [last] if len(kept) > 1 else [*kept, last]
    return [float(values[at]) for at in kept]
