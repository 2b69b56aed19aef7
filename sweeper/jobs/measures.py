"""How an objective's numbers are shown in figures and reports."""

from __future__ import annotations

from sweeper.report.facts import Measure
from sweeper.study.objectives import OBJECTIVES


def measure_of(objective: str) -> Measure:
    """What an axis and a table need to know of an objective."""
    row = OBJECTIVES[objective]
    return Measure(row.label, percent=row.share, maximize=row.maximize, unit=row.unit)
