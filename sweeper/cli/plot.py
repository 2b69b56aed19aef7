"""A small plot in characters, for a terminal that has room for it."""

from __future__ import annotations

from collections.abc import Sequence

ROWS = 4
"""Lines of the plot."""

WIDTH, HEIGHT = 100, 24
"""Columns and lines of a terminal that has room for one."""

LONGEST = 60
"""Columns of the plot, at most."""

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def fits(columns: int, lines: int, encoding: str) -> bool:
    """Whether a terminal has room for a plot, and its characters."""
    return columns >= WIDTH and lines >= HEIGHT and encoding.lower().replace("-", "").startswith("utf")


def plotted(values: Sequence[float], low: str, high: str) -> list[str]:
    """Bars of values in order, the first on the left; nothing where all are one.

    Args:
        values: two or more; of more than there is room for, the last of each column.
        low: the least of them, as it is shown.
        high: the greatest, likewise.
    """
    least, most = min(values, default=0.0), max(values, default=0.0)
    if least == most:
        return []
    shown = _thinned(values)
    levels = [1 + round((8 * ROWS - 1) * (value - least) / (most - least)) for value in shown]
    room = max(len(low), len(high))
    names = {0: high, ROWS - 1: low}
    return [
        f"{names.get(row, ''):>{room}} " + "".join(_EIGHTHS[_part(level, row)] for level in levels)
        for row in range(ROWS)
    ]


def _thinned(values: Sequence[float]) -> list[float]:
    count = min(len(values), LONGEST)
    return [values[(column + 1) * len(values) // count - 1] for column in range(count)]


def _part(level: int, row: int) -> int:
    """Eighths of a line that a bar fills, counted from the top."""
    return min(8, max(0, level - 8 * (ROWS - 1 - row)))
