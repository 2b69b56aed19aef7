"""One word for a comparison: better, worse, tie or undecided, and how many repeats would settle it.

The rule, its reasons and its rate of false alarms: docs/explanation/verdicts.md.
"""

from __future__ import annotations

from typing import Literal

from sweeper.statistics.intervals import Interval, two_sided_t

Verdict = Literal["better", "worse", "tie", "undecided"]

MARGIN = 0.005
"""The smallest difference of accuracy that matters: half a percentage point."""
MOST_REPEATS = 10_000
"""Beyond so many repeats the answer is that repeating will not settle it."""


def judge(interval: Interval, *, margin: float = MARGIN, higher_is_better: bool = True) -> Verdict:
    """The verdict on A by the interval of A less B, which is already corrected for the number of comparisons.

    Better or worse if it excludes 0; a tie if it includes 0 and lies within the margin; undecided otherwise.
    Source: two one-sided tests of equivalence by way of the interval (Schuirmann 1987; Lakens 2017).
    """
    if interval.low > 0 or interval.high < 0:
        return "better" if (interval.low > 0) == higher_is_better else "worse"
    return "tie" if interval.within(margin) else "undecided"


def repeats_to_settle(sd: float, *, margin: float = MARGIN, level: float = 0.95, comparisons: int = 1) -> int | None:
    """Repeats after which the verdict cannot be undecided, whatever the difference is; None if beyond reason.

    An interval that reaches less than half a margin to each side either excludes 0 or lies within the
    margin. Source: sample size for the precision of a paired mean (Kelley, Maxwell and Rausch 2003).

    Args:
        sd: standard deviation of the paired differences.
        margin: the smallest difference that matters.
        level: of all comparisons together.
        comparisons: how many are made.
    """
    return repeats_for_half_width(sd, margin / 2, level=1 - (1 - level) / comparisons)


def repeats_needed(
    sd: float, difference: float, *, margin: float = MARGIN, level: float = 0.95, comparisons: int = 1
) -> int | None:
    """Repeats that would settle the verdict if difference and spread stay what they are; None if beyond reason.

    The interval must either no longer reach 0, or fit within the margin. The same source and arguments as
    ``repeats_to_settle``; `difference` is the mean of the paired differences.
    """
    reach = max(abs(difference), margin - abs(difference))
    return repeats_for_half_width(sd, reach, level=1 - (1 - level) / comparisons)


def repeats_for_half_width(sd: float, half_width: float, *, level: float = 0.95) -> int | None:
    """The fewest repeats (2 or more) whose t-interval reaches less than `half_width` to each side; None if too many.

    Source: Kelley, Maxwell and Rausch (2003).
    """
    if not _narrow(MOST_REPEATS, sd, half_width, level):
        return None
    low, high = 1, MOST_REPEATS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _narrow(middle, sd, half_width, level) else (middle, high)
    return high


def _narrow(n: int, sd: float, half_width: float, level: float) -> bool:
    return bool(two_sided_t(level, n - 1) * sd / float(n) ** 0.5 < half_width)
