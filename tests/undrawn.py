"""Figures that are built and not drawn: for tests of something else, whose commands draw some at their end.

Layout and colours are most of what a command on made-up trials takes. ``tests/report_figures`` draws all kinds.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image


def leave_undrawn(patch: pytest.MonkeyPatch) -> None:
    """Every figure becomes a PNG file of one white point."""
    point = BytesIO()
    Image.new("RGB", (1, 1), "white").save(point, "png")
    patch.setattr("matplotlib.figure.Figure.draw_without_rendering", lambda _: None)
    patch.setattr("sweeper.report.figures.style._draw", lambda _, draw: draw.__self__.get_renderer())
    patch.setattr("sweeper.report.figures.style._encode", lambda _: point.getvalue())
