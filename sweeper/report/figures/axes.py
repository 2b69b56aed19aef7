"""What figures share about axes: plain numbers at ticks, labels beside lines, and a view of what matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from sweeper.report.facts import TrialRow
from sweeper.report.figures.style import DPI, FAINT, INK, ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float) -> str:
    """A number as a person writes it: ``0.01``, ``5,000``, ``−2``; powers of ten only where they are far off."""
    if value == 0:
        return "0"
    if value < 0:
        return f"−{plain(-value)}"
    if 1e-3 <= value < 1e7:
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"
    mantissa, exponent = f"{value:.2g}".split("e") if "e" in f"{value:.2g}" else f"{value:.1e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return power if float(mantissa) == 1 else f"{float(mantissa):g}×{power}"


def numbers(axes: Axes, which: Literal["x", "y"], *, log: bool = False, linear_to: float = 0.0, most: int = 6) -> None:
    """Scale one axis and write its ticks as plain numbers; a logarithmic one of few decades gets 1, 2, 5.

    A logarithmic axis has no 0; with ``linear_to`` it has one, from which it is linear up to there.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    if log and linear_to:
        (axes.set_xscale if which == "x" else axes.set_yscale)("symlog", linthresh=linear_to, linscale=0.5)
    elif log:
        axes.set(**{f"{which}scale": "log"})
        low, high = axis.get_view_interval()
        decades = np.log10(high / low) if low > 0 else 3
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,), numticks=most))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(round(value, 12))))


def whole_numbers(axes: Axes, which: Literal["x", "y"], most: int = 7) -> None:
    """Ticks at whole numbers only, for counts."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(most, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))


def numbers_of(
    axes: Axes, which: Literal["x", "y"], values: Sequence[object], *, log: bool = False, most: int = 6
) -> None:
    """Scale one axis for these values: where all are whole numbers there is nothing between two of them."""
    if not log and values and all(isinstance(value, int) for value in values):
        whole_numbers(axes, which, most)
    else:
        numbers(axes, which, log=log, most=most)


def ticks_at(axes: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """Ticks at exactly these values, where few values were tried."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(list(values), [plain(value) for value in values])
    axis.set_ticks([], minor=True)


def note(
    axes: Axes,
    text: str,
    at: tuple[float, float],
    *,
    offset: tuple[float, float] = (0, 0),
    align: Literal["left", "center", "right"] = "left",
    colour: str = INK,
    size: float = 8.5,
    across: Literal["data", "axes fraction"] = "data",
    up: Literal["data", "axes fraction"] = "data",
    boxed: bool = False,
) -> Annotation:
    """Write at a place, `offset` points from it, centred upright; boxed where it would lie over something."""
    return axes.annotate(
        text,
        xy=at,
        xycoords=(across, up),
        xytext=offset,
        textcoords="offset points",
        ha=align,
        va="center",
        fontsize=size,
        color=colour,
        annotation_clip=False,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0} if boxed else None,
        zorder=6,
    )


def drop_overlapping(axes: Axes, notes: Sequence[Annotation]) -> None:
    """Take away each note that would lie over one before it: give the important ones first."""
    from matplotlib.text import Text

    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    kept: list[Bbox] = []
    for text in notes:
        box = Text.get_window_extent(text).padded(3)
        if any(box.overlaps(other) for other in kept):
            text.remove()
        else:
            kept.append(box)


def name_lines(axes: Axes, ends: Sequence[tuple[str, float, str]], *, size: float = 8.5) -> None:
    """Write each line's name beside its end at the right, moved apart where they would overlap.

    Args:
        axes: drawn completely: limits are final.
        ends: of each line its name, its last value, and its colour.
        size: of the letters, in points.
    """
    if not ends:
        return
    figure = axes.get_figure(root=True)
    assert figure is not None
    low, high = sorted(axes.get_ylim())  # a name far below the axis would be given room there
    ends = [(name, min(max(value, low), high), colour) for name, value, colour in ends]
    notes = [_named(axes, name, value, colour, size) for name, value, colour in ends]
    figure.draw_without_rendering()
    bottom, top = axes.transAxes.transform([(0, 0), (1, 1)])[:, 1]
    wanted = axes.transData.transform([(axes.get_xlim()[1], value) for _, value, _ in ends])[:, 1]
    gap = size * 1.3 * DPI / 72
    placed = spread(np.clip(wanted, bottom, top), gap, bottom, top)
    for text, at, origin in zip(notes, placed, wanted, strict=True):
        text.set_position((11, (at - origin) * 72 / DPI))


def spread(positions: npt.ArrayLike, gap: float, low: float, high: float) -> Floats:
    """Move positions as little as possible (least squares) so that they are `gap` apart and within bounds.

    The order is kept. Solved as an isotonic regression of the positions less their share of the gaps.
    Where there is no room the gap shrinks to what there is.
    """
    wanted = np.asarray(positions, dtype=np.float64)
    order = np.argsort(wanted, kind="stable")
    if len(wanted) > 1:
        gap = min(gap, (high - low) / (len(wanted) - 1))
    offsets = gap * np.arange(len(wanted))
    moved = _isotonic(wanted[order] - offsets)
    placed = np.empty_like(wanted)
    placed[order] = np.clip(moved, low, max(low, high - gap * (len(wanted) - 1))) + offsets
    return placed


def focus(values: Sequence[float], *, maximize: bool = True, margin: float = 0.06) -> tuple[float, float]:
    """Limits of an axis that show the better half of the values well, and all of them where that costs nothing.

    A few trials that learned nothing would squeeze all others into a line: the axis then ends below the
    better half's own spread, and what lies beyond is for the caller to draw at the edge.
    """
    finite = np.asarray([value for value in values if np.isfinite(value)], dtype=np.float64)
    if not len(finite):
        return 0.0, 1.0
    sign = 1.0 if maximize else -1.0
    ordered = np.sort(sign * finite)
    best, middle, worst = ordered[-1], ordered[len(ordered) // 2], ordered[0]
    cut = middle - 2.5 * (best - middle)
    low = worst if worst >= cut - 1.5 * (best - cut) or best == middle else cut
    pad = margin * (best - low) or margin * abs(best) or 0.5
    ends = sorted((sign * (low - pad), sign * (best + pad)))
    return float(ends[0]), float(ends[1])


def beyond(values: npt.ArrayLike, limits: tuple[float, float], *, maximize: bool = True) -> npt.NDArray[np.bool_]:
    """Which values lie beyond the worse end of an axis."""
    array = np.asarray(values, dtype=np.float64)
    return array < limits[0] if maximize else array > limits[1]


def _named(axes: Axes, name: str, value: float, colour: str, size: float) -> Annotation:
    return axes.annotate(
        name,
        xy=(1, value),
        xycoords=("axes fraction", "data"),
        xytext=(11, 0),
        textcoords="offset points",
        va="center",
        fontsize=size,
        color=ink(colour),
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "color": FAINT,
            "linewidth": 0.6,
            "shrinkA": 1,
            "shrinkB": 1,
            "relpos": (0, 0.5),
        },
    )


def _isotonic(values: Floats) -> Floats:
    means: list[float] = []
    sizes: list[int] = []
    for value in values:
        means.append(float(value))
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            size = sizes[-2] + sizes[-1]
            means[-2:] = [(means[-2] * sizes[-2] + means[-1] * sizes[-1]) / size]
            sizes[-2:] = [size]
    return np.repeat(np.asarray(means), sizes)


def ordered(trials: Sequence[TrialRow], rank: Floats) -> Indices:
    """Places of trials from the worst to the one that is named; a pruned one, whose score is of fewer steps, first."""
    finished = np.array([trial.state == "finished" for trial in trials], dtype=bool)
    return np.lexsort((rank, finished, np.array([trial.chosen for trial in trials], dtype=bool)))
