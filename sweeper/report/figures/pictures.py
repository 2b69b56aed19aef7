"""Pictures of examples, and which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sweeper.report.figures.style import GRID, INK, MUTED, VERMILLION, WIDTH, canvas, ink, sequential, styled, tight

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@styled
def examples(
    images: npt.NDArray[np.float32],
    captions: Sequence[str] = (),
    *,
    wrong: Sequence[bool] = (),
    columns: int = 10,
    title: str = "",
) -> Figure:
    """A grid of pictures, dark ink on white, each with its caption below.

    Args:
        images: [N, height, width] grey or [N, height, width, 3] colour, 0 to 1.
        captions: one a picture (``7, taken for 1 (99.8%)``); may be empty.
        wrong: which captions are mistakes, written in colour.
        columns: pictures in a row.
        title: above the figure.
    """
    columns = min(columns, max(1, len(images)))
    rows = max(1, -(-len(images) // columns))
    side = WIDTH / max(columns, 4)
    height = rows * (side + (0.16 * (1 + max(caption.count("\n") for caption in captions)) if len(captions) else 0.0))
    figure = canvas(title, height=height + (0.35 if title else 0.05))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    tight(figure)
    for axes in panels[len(images) :]:
        axes.set_axis_off()
    for at, (axes, image) in enumerate(zip(panels, images, strict=False)):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color=GRID)
        if at < len(captions):
            colour = ink(VERMILLION) if at < len(wrong) and wrong[at] else INK
            axes.set_title(captions[at], loc="center", y=-0.05, pad=0, va="top", fontsize=7.5, color=colour)
    return figure


@styled
def confusion(matrix: npt.NDArray[np.int64], classes: Sequence[str], *, title: str = "") -> Figure:
    """Counts of true class (down) against predicted class (across), coloured as a share of the true class.

    The diagonal, which is right, is left pale: the colour is for mistakes, scaled to the most frequent.
    """
    counts = np.asarray(matrix)
    size = len(classes)
    figure = canvas(title, height=min(7.0, 1.3 + 0.37 * size))
    axes = figure.subplots()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    mistakes = np.where(np.eye(size, dtype=bool), 0.0, shares)
    top = mistakes.max() or 1.0
    axes.imshow(mistakes, cmap=sequential(), vmin=0, vmax=top, aspect="auto")
    for row, column in np.ndindex(counts.shape):
        if size <= 20 and counts[row, column]:
            right = row == column
            colour = INK if right else "white" if mistakes[row, column] > 0.55 * top else MUTED
            weight = "bold" if right else "normal"
            axes.text(
                column,
                row,
                f"{counts[row, column]:,}",
                ha="center",
                va="center",
                fontsize=8,
                color=colour,
                weight=weight,
            )
    every = max(1, size // 40)
    axes.set_xticks(range(0, size, every), list(classes)[::every], rotation=45 if max(map(len, classes)) > 5 else 0)
    axes.set_yticks(range(0, size, every), list(classes)[::every])
    axes.set(xlabel="Predicted class", ylabel="True class")
    axes.set_xticks(np.arange(size - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(size - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5 if size <= 20 else 0)
    axes.tick_params(which="both", length=0)
    axes.grid(visible=False, which="major")
    axes.spines[:].set_visible(False)
    return figure
