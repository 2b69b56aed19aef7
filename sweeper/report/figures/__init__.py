"""Figures made for reading: pure functions from plain data to a matplotlib Figure, and from it to PNG.

``png(history(trials))`` gives bytes, ``save(history(trials), path)`` a file. Importing this loads no
matplotlib; the first figure does. A figure's module is loaded when the figure is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweeper.report.figures.comparison import GapPanel, conditions, differences, gap
    from sweeper.report.figures.distributions import features
    from sweeper.report.figures.gantt import timing
    from sweeper.report.figures.learning import learning_curves, lines
    from sweeper.report.figures.numbers import predicted
    from sweeper.report.figures.pictures import confusion, examples
    from sweeper.report.figures.search import history, importance, pareto
    from sweeper.report.figures.space import contour, parallel_coordinates, slices
    from sweeper.report.figures.style import png, save

_HOMES = {
    "comparison": ("GapPanel", "conditions", "differences", "gap"),
    "distributions": ("features",),
    "style": ("png", "save"),
    "gantt": ("timing",),
    "learning": ("learning_curves", "lines"),
    "numbers": ("predicted",),
    "pictures": ("confusion", "examples"),
    "search": ("history", "importance", "pareto"),
    "space": ("contour", "parallel_coordinates", "slices"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "GapPanel",
    "conditions",
    "confusion",
    "contour",
    "differences",
    "examples",
    "features",
    "gap",
    "history",
    "importance",
    "learning_curves",
    "lines",
    "parallel_coordinates",
    "pareto",
    "png",
    "predicted",
    "save",
    "slices",
    "timing",
]


def __getattr__(name: str) -> Any:
    """A figure, loaded when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
