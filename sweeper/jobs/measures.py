"""How an objective's numbers are shown in figures and reports."""

from __future__ import annotations

from math import isfinite

from sweeper.report.facts import Measure
from sweeper.study.objectives import DEFAULT, DEFAULT_OF_NUMBERS, OBJECTIVES


def measure_of(objective: str) -> Measure:
    """What an axis and a table need to know of an objective."""
    row = OBJECTIVES[objective]
    percent = row.percent or row.share
    least, most = (end if isfinite(end) else None for end in row.limits)
    return Measure(
        row.label,
        percent=percent,
        maximize=row.maximize,
        unit=row.unit,
        key=row.name.rpartition(".")[2],
        share=row.share,
        margin=row.margin,
        least=least,
        most=most,
    )


ACCURACY = measure_of(DEFAULT)
RMSE = measure_of(DEFAULT_OF_NUMBERS)
