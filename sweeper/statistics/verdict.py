"""One word for a comparison: better, worse, tie or undecided, and how many repeats would settle it.

The rule, its reasons and its rate of false alarms: docs/explanation/verdicts.md.
"""

from __future__ import annotations

from typing import Literal

from sweeper.statistics.intervals import Interval, two_sided_t, two_sided_z

Verdict = Literal["better", "worse", "tie", "undecided"]

MARGIN = 0.005
"""The smallest difference of accuracy that matters: half a percentage point."""
MOST_REPEATS = 100
"""Beyond so many repeats the answer is that repeating will not settle it; no confirmation has more either."""


def judge(interval: Interval, *, margin: float = MARGIN, higher_is_better: bool = True) -> Verdict:
    """The verdict on A by the interval of A less B, which is already corrected for the number of comparisons.

    Better or worse if it excludes 0; a tie if it includes 0 and lies within the margin; undecided otherwise.
    Source: two one-sided tests of equivalence by way of the interval (Schuirmann 1987; Lakens 2017).
    """
    if interval.low > 0 or interval.high < 0:
        return "better" if (interval.low > 0) == higher_is_better else "worse"
    return "tie" if interval.within(margin) else "undecided"


def with_collapses(sound: Verdict | None, counts: tuple[int, int], runs: int, *, error: float) -> Verdict:
    """The verdict on A where runs collapsed: by the runs that did not, and by the shares of those that did.

    Better, if neither of the two speaks against it and one of them shows it: A's good runs are better and no more of
    its runs collapsed than of B's, or fewer of A's collapse for sure and its good runs are not shown to be behind.
    Never a tie: that two shares are equal takes hundreds of runs.

    Args:
        sound: of the runs that did not collapse; None where these are too few.
        counts: runs of A and of B that collapsed.
        runs: of each.
        error: two-sided, of the shares' comparison.

    Source: Fisher (1935), the exact test of a two by two table.
    """
    if sound in {"better", "worse"}:
        behind = counts[0] - counts[1] if sound == "better" else counts[1] - counts[0]
        return sound if behind <= 0 else "undecided"
    if counts[0] == counts[1] or _shares_p_value(counts, runs) > error:
        return "undecided"
    return "better" if counts[0] < counts[1] else "worse"


def repeats_likely(
    sd: float, *, margin: float = MARGIN, level: float = 0.95, comparisons: int = 1, luck: float = 0.0
) -> int | None:
    """Repeats after which the verdict is usually there, whatever the difference is; None if beyond reason.

    An interval that reaches less than half a margin to each side either excludes 0 or lies within the margin. It does
    so with this number if the spread is what it was estimated to be. Source: sample size for the precision of a paired
    mean (Kelley, Maxwell and Rausch 2003).

    Args:
        sd: standard deviation of the paired differences.
        margin: the smallest difference that matters.
        level: of all comparisons together.
        comparisons: how many are made.
        luck: standard deviation that no repeat makes smaller, such as a search's.
    """
    return repeats_for_half_width(sd, margin / 2, level=1 - (1 - level) / comparisons, luck=luck)


def repeats_needed(
    sd: float,
    difference: float,
    *,
    margin: float = MARGIN,
    level: float = 0.95,
    comparisons: int = 1,
    luck: float = 0.0,
) -> int | None:
    """Repeats that settle the verdict if difference and spread stay what they are; None if beyond reason.

    The interval must either no longer reach 0, or fit within the margin. Since the difference moves as often away from
    the nearer end as towards it, that is an even chance. The same source and arguments as ``repeats_likely``;
    `difference` is the mean of the paired differences.
    """
    reach = max(abs(difference), margin - abs(difference))
    return repeats_for_half_width(sd, reach, level=1 - (1 - level) / comparisons, luck=luck)


def repeats_for_half_width(sd: float, half_width: float, *, level: float = 0.95, luck: float = 0.0) -> int | None:
    """The fewest repeats (2 or more) whose t-interval reaches less than `half_width` to each side; None if too many.

    Source: Kelley, Maxwell and Rausch (2003).
    """
    if not _narrow(MOST_REPEATS, sd, half_width, level, luck):
        return None
    low, high = 1, MOST_REPEATS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _narrow(middle, sd, half_width, level, luck) else (middle, high)
    return high


def _narrow(n: int, sd: float, half_width: float, level: float, luck: float) -> bool:
    by_seed = two_sided_t(level, n - 1) * sd / float(n) ** 0.5
    return bool((by_seed**2 + (two_sided_z(level) * luck) ** 2) ** 0.5 < half_width)


def _shares_p_value(counts: tuple[int, int], runs: int) -> float:
    from scipy.stats import fisher_exact

    table = [[counts[0], runs - counts[0]], [counts[1], runs - counts[1]]]
    return float(fisher_exact(table)[1])
