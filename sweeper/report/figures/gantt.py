"""How the time of a sweep was spent: which worker ran which trial when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeper.report.facts import STATES, TrialRow
from sweeper.report.figures.axes import note, numbers
from sweeper.report.figures.style import INK, STATE_COLOURS, canvas, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LANE = 0.8
"""Share of a worker's row that its bars fill."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One trial as a bar: seconds since the first began, upper edge and height in rows."""

    trial: TrialRow
    start: float
    seconds: float
    top: float
    height: float


@styled
def timing(trials: Sequence[TrialRow], *, title: str = "") -> Figure:
    """A bar for each trial, coloured by how it ended; trials that ran together share their worker's row."""
    timed = [trial for trial in trials if trial.started is not None and trial.ended is not None]
    workers = sorted({trial.worker for trial in timed}, key=lambda name: (len(name), name))
    drawn = bars(timed, workers)
    deepest = max([round(LANE / bar.height) for bar in drawn], default=1)
    row = max(0.36, 0.09 * deepest)
    figure = canvas(title, height=1.25 + row * max(1, len(workers)))
    axes = figure.subplots()
    for state in STATES:
        _draw(axes, [bar for bar in drawn if bar.trial.state == state], STATE_COLOURS[state], state)
    axes.set_yticks(range(len(workers)), workers, color=INK)
    axes.set_ylim(max(1, len(workers)) - 0.5, -0.5)
    axes.set_xlim(0, max([bar.start + bar.seconds for bar in drawn], default=1.0))
    axes.set_xlabel("Seconds since the first trial began")
    axes.grid(visible=False, axis="y")
    numbers(axes, "x", most=8)
    _number(axes, drawn)
    if drawn:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.1)
    return figure


def bars(trials: Sequence[TrialRow], workers: Sequence[str]) -> list[Bar]:
    """Where each trial's bar goes; trials that overlap in time on one worker are stacked within its row."""
    begin = min([trial.started or 0.0 for trial in trials], default=0.0)
    placed = []
    for lane, worker in enumerate(workers):
        mine = sorted((t for t in trials if t.worker == worker), key=lambda t: (t.started or 0.0, t.number))
        for together in _clusters(mine):
            rows = _rows(together)
            height = LANE / (max(rows) + 1)
            for trial, row in zip(together, rows, strict=True):
                start, end = (trial.started or 0.0) - begin, (trial.ended or 0.0) - begin
                placed.append(Bar(trial, start, end - start, lane - LANE / 2 + row * height, height))
    return placed


def _clusters(trials: Sequence[TrialRow]) -> list[list[TrialRow]]:
    clusters: list[list[TrialRow]] = []
    end = float("-inf")
    for trial in trials:
        if not clusters or (trial.started or 0.0) >= end:
            clusters.append([])
        clusters[-1].append(trial)
        end = max(end, trial.ended or 0.0)
    return clusters


def _rows(trials: Sequence[TrialRow]) -> list[int]:
    free: list[float] = []
    rows = []
    for trial in trials:
        row = next((at for at, end in enumerate(free) if end <= (trial.started or 0.0)), len(free))
        free[row : row + 1] = [trial.ended or 0.0]
        rows.append(row)
    return rows


def _draw(axes: Axes, drawn: Sequence[Bar], colour: str, state: str) -> None:
    label = state
    for height in sorted({(bar.top, bar.height) for bar in drawn}):
        spans = [(bar.start, bar.seconds) for bar in drawn if (bar.top, bar.height) == height]
        axes.broken_barh(spans, height, color=colour, edgecolor="white", linewidth=0.6, label=label)
        label = "_"


def _number(axes: Axes, drawn: Sequence[Bar]) -> None:
    span = axes.get_xlim()[1]
    for bar in drawn:
        if bar.height > LANE / 2 and bar.seconds / span > 0.008 * (1 + len(str(bar.trial.number))):
            place = (bar.start + bar.seconds / 2, bar.top + bar.height / 2)
            colour = INK if bar.trial.state == "pruned" else "white"
            note(axes, str(bar.trial.number), place, align="center", colour=colour, size=7.5)
