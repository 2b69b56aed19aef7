"""The one way from a figure to PNG: the same bytes for the same figure, and small."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sweeper.report.figures.style import DPI, INK, MUTED, PALETTE, canvas, style, styled
from sweeper.system.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes for the same figure; a palette makes most of them a third of the size."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with style():
        drawn = FigureCanvasAgg(figure)
        drawn.draw()  # type: ignore[no-untyped-call]
    return _encode(np.asarray(drawn.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]


def warm_up() -> None:
    """Draw something that nobody looks at, so that the next figure finds everything loaded."""

    @styled
    def something() -> Figure:
        figure = canvas(" ")
        figure.subplots().set_xlabel("x")
        return figure

    png(something())


def save(figure: Figure, path: Path) -> Path:
    """Write the figure as a PNG file, whole or not at all; returns its path."""
    return write_whole(path, png(figure))


def _encode(pixels: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    small = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    # A mark of few pixels among many shades can lose its colour to them: such a figure keeps every colour.
    kept = small if _keeps(pixels, np.asarray(small.convert("RGB"))) else image
    out = BytesIO()
    kept.save(out, "png", dpi=(DPI, DPI))
    return out.getvalue()


def _keeps(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> bool:
    packed = _packed(before)
    moved = packed != _packed(after)
    places, colours = moved.nonzero(), packed[moved]
    own = (int(colour[1:], 16) for colour in (*PALETTE, INK, MUTED, "#FFFFFF"))
    kept = np.isin(colours, list(own))
    near = np.abs(before[places].astype(np.int16) - after[places]).max(axis=1, initial=0) <= 12
    return bool(near[kept].all())


def _packed(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """One number a pixel."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), -1, 0)
    packed: npt.NDArray[np.int32] = red << 16 | green << 8 | blue
    return packed
