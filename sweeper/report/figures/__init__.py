"""Figures made for reading: pure functions from plain data to a matplotlib Figure, and from it to PNG.

``png(history(trials))`` gives bytes, ``save(history(trials), path)`` a file. Importing this loads no
matplotlib; the first figure does.
"""

from sweeper.report.figures.comparison import GapPanel, conditions, differences, gap
from sweeper.report.figures.features import features
from sweeper.report.figures.learning import learning_curves, lines
from sweeper.report.figures.pictures import confusion, examples
from sweeper.report.figures.search import history, importance, pareto
from sweeper.report.figures.space import contour, parallel_coordinates, slices
from sweeper.report.figures.style import png, save
from sweeper.report.figures.timing import timing

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
    "save",
    "slices",
    "timing",
]
