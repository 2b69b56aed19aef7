"""What a study found: its history, what mattered, and what was traded off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sweeper.report.facts import ACCURACY, STATES, Estimate, Measure, TrialRow, best_trial, finished
from sweeper.report.figures.axes import beyond, drop_overlapping, focus, note, numbers, plain, whole_numbers
from sweeper.report.figures.style import (
    BLUE,
    FAINT,
    INK,
    MUTED,
    SKY,
    STATE_COLOURS,
    STATE_MARKERS,
    canvas,
    ink,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@styled
def history(trials: Sequence[TrialRow], *, measure: Measure = ACCURACY, title: str = "") -> Figure:
    """Every trial's score in order, by how it ended, with the best so far as a line; failed ones at the edge."""
    figure = canvas(title, height=3.4)
    axes = figure.subplots()
    scored = [trial for trial in trials if trial.score is not None and np.isfinite(trial.score)]
    limits = focus(
        [measure.shown(t.score) for t in scored if t.score is not None], maximize=measure.maximize, margin=0.09
    )
    axes.set_ylim(*limits)
    edge = limits[0] if measure.maximize else limits[1]
    for state in STATES:
        _of_state(axes, [trial for trial in trials if trial.state == state], state, measure, limits)
    _best_so_far(axes, trials, measure)
    axes.set(xlabel="Trial", ylabel=measure.label)
    axes.set_xlim(-1, max([trial.number for trial in trials], default=0) + 1)
    whole_numbers(axes, "x")
    numbers(axes, "y")
    _note_beyond(axes, int(sum(_off(scored, measure, limits))), edge, measure)
    if trials:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.1, handletextpad=0.4)
    return figure


@styled
def importance(bars: Sequence[Estimate], *, evaluator: str, title: str = "") -> Figure:
    """Each hyperparameter's importance, the most important on top, with its interval over resamples.

    Args:
        bars: shares of 1.
        evaluator: the method, which is always named: they disagree.
        title: above the figure.
    """
    ordered = sorted(bars, key=lambda bar: bar.value)
    figure = canvas(title, height=1.0 + 0.33 * len(ordered))
    axes = figure.subplots()
    places = np.arange(len(ordered))
    axes.barh(places, [bar.value for bar in ordered], height=0.62, color=SKY)
    for place, bar in zip(places, ordered, strict=True):
        if bar.low is not None and bar.high is not None:
            axes.plot([bar.low, bar.high], [place, place], color=INK, linewidth=1.3)
        end = max(bar.value, bar.high or 0)
        note(axes, f"{bar.value:.2f}", (end, float(place)), offset=(6, 0))
    axes.set_yticks(places, [bar.name for bar in ordered], color=INK)
    axes.set_xlabel(f"Importance ({evaluator}; adds up to 1)")
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1.12 * max([max(bar.value, bar.high or 0) for bar in ordered], default=1) or 1)
    numbers(axes, "x")
    return figure


@styled
def pareto(
    points: Sequence[tuple[str, float, float, bool]],
    *,
    x: Measure,
    y: Measure = ACCURACY,
    log_x: bool = True,
    title: str = "",
) -> Figure:
    """Trials by two objectives; those that no other beats in both are joined and named.

    Args:
        points: of each trial its name, its value along x and along y, and whether it is on the front.
        x: the objective across.
        y: the objective upright.
        log_x: for sizes and seconds.
        title: above the figure.
    """
    figure = canvas(title, height=3.8)
    axes = figure.subplots()
    rest = np.array([(x.shown(a), y.shown(b)) for _, a, b, front in points if not front]).reshape(-1, 2)
    axes.scatter(rest[:, 0], rest[:, 1], s=22, color=FAINT, linewidth=0, label="matched or beaten in both")
    front = sorted((x.shown(a), y.shown(b), name) for name, a, b, on_front in points if on_front)
    step = "steps-post" if x.maximize != y.maximize else "steps-pre"
    axes.plot([a for a, _, _ in front], [b for _, b, _ in front], drawstyle=step, color=BLUE, linewidth=1.2, alpha=0.6)
    axes.scatter([a for a, _, _ in front], [b for _, b, _ in front], s=40, color=BLUE, zorder=4, label="front")
    axes.set_ylim(*focus([y.shown(b) for _, _, b, _ in points], maximize=y.maximize, margin=0.1))
    axes.set(xlabel=x.label, ylabel=y.label)
    numbers(axes, "x", log=log_x)
    numbers(axes, "y")
    names = [
        note(axes, name, (a, b), offset=(-2, 9), align="right", colour=ink(BLUE), size=8)
        for a, b, name in sorted(front, key=lambda point: -point[1] if y.maximize else point[1])
    ]
    drop_overlapping(axes, names)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.1, handletextpad=0.4)
    return figure


def _of_state(
    axes: Axes, trials: Sequence[TrialRow], state: str, measure: Measure, limits: tuple[float, float]
) -> None:
    if not trials:
        return
    edge = limits[0] if measure.maximize else limits[1]
    shown = [edge if t.score is None or not np.isfinite(t.score) else measure.shown(t.score) for t in trials]
    axes.scatter(
        [trial.number for trial in trials],
        np.clip(shown, *limits),
        s=26,
        marker=STATE_MARKERS[state],
        color=STATE_COLOURS[state],
        alpha=0.85,
        linewidth=0,
        label=f"{state} ({len(trials)})",
        clip_on=False,
        zorder=3,
    )


def _best_so_far(axes: Axes, trials: Sequence[TrialRow], measure: Measure) -> None:
    done = sorted(finished(trials), key=lambda t: t.number)
    best = best_trial(trials, measure)
    if best is None or best.score is None:
        return
    shown = [measure.shown(trial.score) for trial in done if trial.score is not None]
    running = np.maximum.accumulate(shown) if measure.maximize else np.minimum.accumulate(shown)
    numbers_, last = [trial.number for trial in done], max(trial.number for trial in trials)
    axes.plot(
        [*numbers_, last],
        [*running, running[-1]],
        drawstyle="steps-post",
        color=INK,
        linewidth=1.2,
        label="best so far",
    )
    text = f"trial {best.number}: {measure.text(best.score)}"
    place = (best.number, measure.shown(best.score))
    note(
        axes,
        text,
        place,
        offset=(0, 9 if measure.maximize else -9),
        align="right" if best.number > last / 2 else "left",
    )


def _off(trials: Sequence[TrialRow], measure: Measure, limits: tuple[float, float]) -> list[bool]:
    shown = [measure.shown(trial.score) for trial in trials if trial.score is not None]
    return [bool(off) for off in beyond(shown, limits, maximize=measure.maximize)]


def _note_beyond(axes: Axes, count: int, edge: float, measure: Measure) -> None:
    if count:
        side = "below" if measure.maximize else "above"
        text = f"{count} {side} {plain(float(f'{edge:.3g}'))}{'%' if measure.percent else ''}, drawn at the edge"
        note(
            axes, text, (1, 1), across="axes fraction", up="axes fraction", offset=(0, 11), align="right", colour=MUTED
        )
