"""Interim analyses: who adds repeats until a verdict comes asks several times, and pays for each time.

The error of a comparison is spent over its analyses: half of it at the first, a quarter at the second, and so on, so
that all of them together, however many, stay within it. What an analysis found is a pure function of its first repeats,
so that earlier ones are made again from the scores whenever a later one is due.
"""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval
from sweeper.statistics.samples import checked_level


def level_of(analysis: int, level: float = 0.95) -> float:
    """The level of one analysis, from 1, of a comparison that may go on; source: Lan and DeMets (1983), spending."""
    return 1.0 - (1.0 - checked_level(level)) / float(2**analysis)


def checked_analyses(analyses: Sequence[int], repeats: int) -> tuple[int, ...]:
    """Repeats at each analysis, the last being all there are.

    Raises:
        InputError: they do not rise to the repeats that there are.
    """
    found = tuple(analyses)
    if list(found) != sorted(set(found)) or found[-1] != repeats or found[0] < 2:
        raise InputError(
            f"analyses at {', '.join(map(str, found))} repeats do not lead to {repeats}",
            hint="give rising numbers from 2, the last of them all repeats",
        )
    return found


def common(intervals: Sequence[Interval], level: float) -> Interval:
    """What the intervals of all analyses have in common: it holds the truth whenever all of them do.

    Where chance has left them nothing in common, the last one.
    """
    last = intervals[-1]
    low, high = max(each.low for each in intervals), min(each.high for each in intervals)
    low, high = (low, high) if low <= high else (last.low, last.high)
    return Interval(low, high, level, last.method, last.over, last.examples, last.chosen_on)
