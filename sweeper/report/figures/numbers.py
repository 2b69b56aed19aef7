"""Numbers that were predicted, against what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sweeper.report.figures.axes import numbers as ticks
from sweeper.report.figures.style import BLUE, MUTED, canvas, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEW = 500
"""More points than these are drawn small and pale."""


@styled
def predicted(
    truth: npt.NDArray[np.float64], predictions: npt.NDArray[np.float64], target: str, *, title: str = ""
) -> Figure:
    """A point for each example, and the line on which predictions are exact.

    Args:
        truth: [N], in the target's unit.
        predictions: [N], likewise.
        target: what it is.
        title: above the figure.
    """
    figure = canvas(title, height=4.6)
    axes = figure.subplots()
    low, high = (float(end) for end in (min(truth.min(), predictions.min()), max(truth.max(), predictions.max())))
    pad = 0.04 * (high - low) or 1.0
    ends = (low - pad, high + pad)
    axes.plot(ends, ends, "--", color=MUTED, linewidth=1, zorder=1)
    size, alpha = (4.0, 0.6) if len(truth) <= _FEW else (2.0, 0.25)
    axes.plot(truth, predictions, "o", color=BLUE, markersize=size, alpha=alpha, markeredgewidth=0)
    axes.set(xlim=ends, ylim=ends, xlabel=f"True {target}", ylabel=f"Predicted {target}", aspect="equal")
    ticks(axes, "x")
    ticks(axes, "y")
    return figure
