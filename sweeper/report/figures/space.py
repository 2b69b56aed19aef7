"""The search space: score against each hyperparameter, against two at once, and all of them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.report.facts import ACCURACY, Dimension, Measure, TrialRow, Value, best_trial
from sweeper.report.figures.axes import Floats, Indices, focus, note, numbers, numbers_of, ordered, plain
from sweeper.report.figures.style import BLUE, FAINT, INK, MUTED, ORANGE, VERMILLION, canvas, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
BANDWIDTH, NEAR = 0.08, 0.24
"""The width of the contour's smoothing, and how far from a trial it is drawn, as shares of each axis."""


@styled
def slices(
    trials: Sequence[TrialRow], dimensions: Sequence[Dimension], *, measure: Measure = ACCURACY, title: str = ""
) -> Figure:
    """Score against each hyperparameter, one panel each, on its own scale; categories as strips with their medians."""
    columns = {1: 1, 2: 2, 4: 2}.get(len(dimensions), COLUMNS)
    rows = -(-len(dimensions) // columns)
    figure = canvas(title, height=0.5 + 2.15 * rows)
    scored = _scored(trials)
    limits = focus([measure.shown(_score(trial)) for trial in scored], maximize=measure.maximize)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, dimension in zip(panels, dimensions, strict=False):
        _slice(axes, [trial for trial in scored if _has(trial, dimension)], dimension, measure, limits)
    for axes in panels[len(dimensions) :]:
        axes.remove()
    _slice_key(figure, pruned=any(t.state == "pruned" for t in scored), strips=any(d.choices for d in dimensions))
    for axes in panels[::columns][:rows]:
        axes.set_ylabel(measure.label)
        numbers(axes, "y", most=5)
        axes.set_ylim(*limits)
    return figure


@styled
def contour(
    trials: Sequence[TrialRow], x: Dimension, y: Dimension, *, measure: Measure = ACCURACY, title: str = ""
) -> Figure:
    """Score over two hyperparameters: the trials as points, and between them their local mean.

    The surface is the Gaussian-weighted mean of the scores near each place (Nadaraya 1964, Watson 1964),
    and blank where no trial is near; between categories nothing is drawn but the points. Pruned trials are
    left out: their scores are of fewer steps.
    """
    scored = [t for t in _scored(trials) if t.state == "finished" and _has(t, x) and _has(t, y)]
    figure = canvas(title, height=4.2)
    axes = figure.subplots()
    across, up = (np.array([_place(trial.params[d.name], d) for trial in scored]) for d in (x, y))
    score = np.array([measure.shown(_score(trial)) for trial in scored])
    low, high = focus(score.tolist(), maximize=measure.maximize, margin=0)
    look: dict[str, Any] = {"cmap": "viridis", "vmin": low, "vmax": high}
    if not (x.choices or y.choices) and len(scored) >= 4:
        surface = _surface(across, up, np.clip(score, low, high))
        side = np.linspace(0, 1, len(surface))
        axes.contourf(side, side, surface, levels=np.linspace(low, high, 13), alpha=0.8, extend="both", **look)
    seen = axes.scatter(
        _jitter(across, x),
        _jitter(up, y),
        c=score,
        s=42,
        edgecolor="white",
        linewidth=0.9,
        zorder=3,
        clip_on=False,
        **look,
    )
    for which, dimension in (("x", x), ("y", y)):
        _unit_ticks(axes, which, dimension)
    _star(axes, scored, across, up, measure)
    axes.set(xlabel=x.name, ylabel=y.name)
    axes.grid(visible=bool(x.choices or y.choices))
    bar = figure.colorbar(seen, ax=axes, label=measure.label, extend=_extend(score, low, high), pad=0.02, aspect=28)
    bar.outline.set_visible(False)
    return figure


@styled
def parallel_coordinates(
    trials: Sequence[TrialRow], dimensions: Sequence[Dimension], *, measure: Measure = ACCURACY, title: str = ""
) -> Figure:
    """Each trial as a line through its hyperparameters to its score; the best tenth in colour, the best named."""
    figure = canvas(title, height=3.7)
    axes = figure.subplots()
    scored = [trial for trial in _scored(trials) if all(_has(trial, d) for d in dimensions)]
    score = np.array([measure.shown(_score(trial)) for trial in scored])
    limits = focus(score.tolist(), maximize=measure.maximize)
    ends = (np.clip(score, *limits) - limits[0]) / (limits[1] - limits[0])
    places = np.array([[_spot(trial, d, at) for d in dimensions] for at, trial in enumerate(scored)])
    _threads(
        axes,
        np.column_stack([places.reshape(len(scored), len(dimensions)), ends]),
        ordered(scored, score if measure.maximize else -score),
    )
    for at, dimension in enumerate(dimensions):
        _upright(axes, at, dimension)
    _score_axis(axes, len(dimensions), limits)
    axes.set_xticks(range(len(dimensions) + 1), [*(d.name for d in dimensions), measure.label], color=INK)
    axes.tick_params(axis="x", length=0, pad=8)
    axes.set(xlim=(-0.12, len(dimensions) + 0.3), ylim=(-0.04, 1.04), yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def _threads(axes: Axes, places: Floats, order: Indices) -> None:
    """A line for each trial, [N, D + 1], the better ones on top; one artist a colour, for there may be thousands."""
    from matplotlib.collections import LineCollection

    best, tenth = order[-1:], order[len(order) - max(1, -(-len(order) // 10)) : -1]
    rest = order[: len(order) - len(best) - len(tenth)]
    lines = np.stack([np.broadcast_to(np.arange(places.shape[1]), places.shape), places], axis=-1)
    for which, colour, weight, above in ((rest, FAINT, 0.7, 2), (tenth, BLUE, 1.3, 3), (best, VERMILLION, 2.2, 3.5)):
        if len(which):
            drawn = LineCollection(list(lines[which]), colors=colour, linewidths=weight, alpha=0.9, zorder=above)
            axes.add_collection(drawn)


def _slice_key(figure: Figure, *, pruned: bool, strips: bool) -> None:
    from matplotlib.lines import Line2D

    looks = (("finished", "o", BLUE, 5.5), ("pruned", "s", ORANGE, 5.5), ("best", "*", VERMILLION, 10))
    marks = [
        Line2D([], [], marker=marker, linewidth=0, markersize=size, color=colour, markeredgewidth=0, label=label)
        for label, marker, colour, size in looks
        if pruned or label != "pruned"
    ]
    marks += [Line2D([], [], color=INK, linewidth=1.6, label="median of the finished")] if strips else []
    figure.legend(handles=marks, loc="outside lower center", ncols=4, labelcolor=MUTED, handletextpad=0.4)


def _slice(
    axes: Axes, trials: Sequence[TrialRow], dimension: Dimension, measure: Measure, limits: tuple[float, float]
) -> None:
    values = [trial.params[dimension.name] for trial in trials]
    shown = np.array([measure.shown(_score(trial)) for trial in trials])
    inside = np.clip(shown, *limits)
    x = _jitter(np.array([_place(value, dimension) for value in values]), dimension)
    if not dimension.choices:
        x = np.array([float(value) for value in values if not isinstance(value, str) and value is not None])
    pruned = np.array([trial.state == "pruned" for trial in trials], dtype=bool)
    for mask, colour, marker in ((pruned, ORANGE, "s"), (~pruned, BLUE, "o")):
        axes.scatter(x[mask], inside[mask], s=18, color=colour, marker=marker, alpha=0.7, linewidth=0, clip_on=False)
    best = best_trial(trials, measure)
    if best is not None:
        at = [trial.number for trial in trials].index(best.number)
        axes.scatter(x[at], inside[at], s=110, marker="*", color=VERMILLION, edgecolor="white", linewidth=0.8, zorder=4)
    if dimension.choices:
        _strips(axes, trials, dimension, measure, limits)
    else:
        numbers_of(axes, "x", values, log=dimension.log, most=5)
        axes.set_xlim(*_with_margin(dimension))
        axes.minorticks_off()
    axes.set_xlabel(dimension.name)


def _with_margin(dimension: Dimension, share: float = 0.04) -> tuple[float, float]:
    low, high = float(dimension.low or 0), float(dimension.high or 0)
    if dimension.log:
        factor = (high / low) ** share
        return (low / factor, high * factor) if factor > 1 else (low / 2, high * 2)
    pad = share * (high - low) or 0.5
    return low - pad, high + pad


def _strips(
    axes: Axes, trials: Sequence[TrialRow], dimension: Dimension, measure: Measure, limits: tuple[float, float]
) -> None:
    for choice in dimension.choices:
        here = [_score(t) for t in trials if str(t.params[dimension.name]) == str(choice) and t.state == "finished"]
        if here:
            middle = float(np.clip(measure.shown(float(np.median(here))), *limits))
            place = _place(choice, dimension)
            half = 0.32 / max(1, len(dimension.choices) - 1)
            axes.plot([place - half, place + half], [middle, middle], color=INK, linewidth=1.6, zorder=5)
    _unit_ticks(axes, "x", dimension)
    axes.grid(visible=False, axis="x")


def _surface(x: Floats, y: Floats, score: Floats, size: int = 240) -> Floats:
    side = np.linspace(0, 1, size)[:, None]
    across, up = (np.exp(-((side - places) ** 2) / (2 * BANDWIDTH**2)) for places in (x, y))
    total = up @ across.T
    near = total >= np.exp(-(NEAR**2) / (2 * BANDWIDTH**2))
    return np.where(near, (up * score) @ across.T / np.where(near, total, 1), np.nan)


def _star(axes: Axes, trials: Sequence[TrialRow], x: Floats, y: Floats, measure: Measure) -> None:
    best = best_trial(trials, measure)
    if best is not None and best.score is not None:
        at = [trial.number for trial in trials].index(best.number)
        axes.scatter(
            x[at], y[at], s=190, marker="*", color=VERMILLION, edgecolor="white", linewidth=1.2, zorder=5, clip_on=False
        )
        text = f"trial {best.number}: {measure.text(best.score)}"
        left = bool(x[at] < 0.7)
        note(axes, text, (x[at], y[at]), offset=(9 if left else -9, 10), align="left" if left else "right", boxed=True)


def _upright(axes: Axes, at: int, dimension: Dimension) -> None:
    axes.plot([at, at], [0, 1], color=MUTED, linewidth=0.9, zorder=2)
    for place, label in _unit_labels(dimension):
        note(axes, label, (at, place), offset=(3, 0), size=7.5, boxed=True)


def _score_axis(axes: Axes, at: int, limits: tuple[float, float]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.plot([at, at], [0, 1], color=MUTED, linewidth=0.9, zorder=2)
    for tick in MaxNLocator(6).tick_values(*limits):
        place = (tick - limits[0]) / (limits[1] - limits[0])
        if 0 <= place <= 1:
            note(axes, f"{tick:g}", (at, place), offset=(4, 0), size=7.5)


def _unit_ticks(axes: Axes, which: str, dimension: Dimension) -> None:
    places = _unit_labels(dimension)
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks([place for place, _ in places], [label for _, label in places])
    half = 0.5 / max(1, len(dimension.choices) - 1) if dimension.choices else 0.0
    axes.set(**{f"{which}lim": (-half, 1 + half)})


def _unit_labels(dimension: Dimension) -> list[tuple[float, str]]:
    if dimension.choices:
        return [(_place(choice, dimension), str(choice)) for choice in dimension.choices]
    low, high = dimension.low or 0.0, dimension.high or 0.0
    if dimension.log:
        from matplotlib.ticker import LogLocator

        ticks = LogLocator(subs=(1, 2, 5) if high / low < 100 else (1,), numticks=7).tick_values(low, high)
    else:
        from matplotlib.ticker import MaxNLocator

        ticks = MaxNLocator(5, integer=dimension.whole).tick_values(low, high)
    return [
        (_place(float(t), dimension), plain(round(float(t), 12))) for t in ticks if low * 0.999 <= t <= high * 1.001
    ]


def _has(trial: TrialRow, dimension: Dimension) -> bool:
    """Whether the trial has a value that can be drawn: conditional keys may be missing, enqueued values be any."""
    value = trial.params.get(dimension.name)
    if dimension.choices:
        return str(value) in _names(dimension)
    return isinstance(value, int | float) and bool(np.isfinite(value)) and (value > 0 or not dimension.log)


def _names(dimension: Dimension) -> list[str]:
    return [str(choice) for choice in dimension.choices]


def _place(value: Value, dimension: Dimension) -> float:
    if dimension.choices:
        last = len(dimension.choices) - 1
        return _names(dimension).index(str(value)) / last if last else 0.5
    low, high, at = float(dimension.low or 0), float(dimension.high or 0), float(value or 0)
    if dimension.log:
        low, high, at = float(np.log(low)), float(np.log(high)), float(np.log(at))
    return (at - low) / (high - low) if high > low else 0.5


def _spot(trial: TrialRow, dimension: Dimension, at: int) -> float:
    spread = 0.05 / max(1, len(dimension.choices) - 1) if dimension.choices else 0.0
    return _place(trial.params[dimension.name], dimension) + spread * _noise(at)


def _jitter(places: Floats, dimension: Dimension) -> Floats:
    if not dimension.choices:
        return places
    width = 0.22 / max(1, len(dimension.choices) - 1)
    return places + width * np.array([_noise(at) for at in range(len(places))])


def _noise(at: int) -> float:
    # A low-discrepancy sequence: spread evenly, and the same each time that the figure is drawn.
    return 2 * ((at * 0.6180339887498949) % 1.0) - 1


def _extend(score: Floats, low: float, high: float) -> str:
    return "min" if (score < low).any() else "max" if (score > high).any() else "neither"


def _scored(trials: Sequence[TrialRow]) -> list[TrialRow]:
    return [trial for trial in trials if trial.score is not None and np.isfinite(trial.score)]


def _score(trial: TrialRow) -> float:
    assert trial.score is not None
    return trial.score
