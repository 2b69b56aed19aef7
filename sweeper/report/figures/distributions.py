"""The features of a table, by class, or against the number that is to be predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.report.figures.axes import numbers as ticks
from sweeper.report.figures.style import BLUE, MUTED, PALETTE, canvas, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 3
_BINS = 20
_MOST_BARS = 12
_MOST_POINTS = 1000


@styled
def features(
    values: Mapping[str, npt.NDArray[np.float64]],
    categories: Mapping[str, Sequence[str]],
    labels: npt.NDArray[np.int64],
    classes: Sequence[str],
    *,
    title: str = "",
) -> Figure:
    """A panel for each feature: how many rows of each class have which values.

    Args:
        values: [N] of each feature, by its name; NaN where it is missing.
        categories: the names that a feature's values stand for; empty for numbers.
        labels: [N], class numbers.
        classes: their names; of more than seven, the commonest seven are drawn.
        title: above the figure.
    """
    rows = -(-len(values) // _COLUMNS)
    figure = canvas(title, height=0.7 + 1.9 * rows)
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    shown = np.sort(np.argsort(-np.bincount(labels, minlength=len(classes)), kind="stable")[: len(PALETTE)])
    for axes, (name, column) in zip(panels, values.items(), strict=False):
        groups = [column[(labels == number) & ~np.isnan(column)] for number in shown]
        (_bars if categories[name] else _histogram)(axes, groups, categories[name])
        axes.set_title(name)
    for axes in panels[len(values) :]:
        axes.set_axis_off()
    lines = [panels[0].plot([], [], color=colour)[0] for colour, _ in zip(PALETTE, shown, strict=False)]
    names = [str(classes[number])[:24] for number in shown]
    figure.legend(lines, names, loc="outside lower left", ncols=len(lines))
    return figure


@styled
def against(
    values: Mapping[str, npt.NDArray[np.float64]],
    categories: Mapping[str, Sequence[str]],
    numbers: npt.NDArray[np.float64],
    target: str,
    *,
    title: str = "",
) -> Figure:
    """How the number to be predicted is distributed, and a panel for each feature with that number over it.

    Args:
        values: [N] of each feature, by its name; NaN where it is missing.
        categories: the names that a feature's values stand for, whose middle halves are drawn; empty for numbers.
        numbers: [N], to be predicted; of more than 1,000 rows, as many spread over all of them are drawn as points.
        target: what they are.
        title: above the figure.
    """
    rows = -(-(len(values) + 1) // _COLUMNS)
    figure = canvas(title, height=0.5 + 2.1 * rows)
    first, *panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    first.hist(numbers, bins=_BINS, color=BLUE)
    first.set_title(target)
    ticks(first, "x", most=4)
    for axes, (name, column) in zip(panels, values.items(), strict=False):
        known = ~np.isnan(column)
        (_boxes if categories[name] else _points)(axes, column[known], numbers[known], categories[name])
        axes.set_title(name)
        ticks(axes, "y")
    for axes in panels[len(values) :]:
        axes.set_axis_off()
    return figure


def _points(axes: Any, column: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64], _: Sequence[str]) -> None:
    taken = np.unique(np.linspace(0, len(column) - 1, min(len(column), _MOST_POINTS)).astype(np.int64))
    axes.plot(column[taken], numbers[taken], "o", color=BLUE, markersize=2.5, alpha=0.4, markeredgewidth=0)
    ticks(axes, "x", most=4)


def _boxes(axes: Any, column: npt.NDArray[np.float64], numbers: npt.NDArray[np.float64], names: Sequence[str]) -> None:
    shown = names[:_MOST_BARS]
    groups = [numbers[column == number] for number in range(len(shown))]
    axes.boxplot(groups, positions=range(len(shown)), widths=0.6, flierprops={"markersize": 2.5})
    _name_places(axes, shown, len(names))


def _histogram(axes: Any, groups: Sequence[npt.NDArray[np.float64]], _: Sequence[str]) -> None:
    everything = np.concatenate(groups)
    edges = np.histogram_bin_edges(everything, bins=_BINS)
    for colour, group in zip(PALETTE, groups, strict=False):
        counts, _edges = np.histogram(group, edges)
        axes.stairs(counts, edges, color=colour, linewidth=1.3)
    axes.set_ylim(bottom=0)


def _bars(axes: Any, groups: Sequence[npt.NDArray[np.float64]], names: Sequence[str]) -> None:
    shown = names[:_MOST_BARS]
    width = 0.8 / max(1, len(groups))
    for at, (colour, group) in enumerate(zip(PALETTE, groups, strict=False)):
        counts = np.bincount(group.astype(np.int64), minlength=len(names))[: len(shown)]
        axes.bar(np.arange(len(shown)) + (at + 0.5) * width - 0.4, counts, width, color=colour)
    _name_places(axes, shown, len(names))


def _name_places(axes: Any, shown: Sequence[str], count: int) -> None:
    """The categories below their places, and how many of them are not shown."""
    axes.set_xticks(range(len(shown)), [str(name)[:12] for name in shown], rotation=45 if len(shown) > 4 else 0)
    axes.grid(visible=False, axis="x")
    if count > len(shown):
        axes.set_xlabel(f"{count - len(shown)} more", color=MUTED)
