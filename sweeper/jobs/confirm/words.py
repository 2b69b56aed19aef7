"""A confirmation in words: how each leader came out, and the sentence that names one."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.report.comparison.report import listed
from sweeper.report.facts import Measure, not_excluded, scope
from sweeper.report.study.facts import Confirmed
from sweeper.statistics import Interval, Race, Ranking


def sentence(trials: Sequence[Confirmed], ranking: Ranking | None, measure: Measure) -> str:
    """Who is named, with what it has been seen to be worth.

    Args:
        trials: best first.
        ranking: of those who are left; None where it is one.
        measure: of their scores.
    """
    best = trials[0]
    score = f"{measure.text(best.value)}{_ends(best, measure)}"
    chosen = f"it was chosen by {measure.text(best.original)}"
    said = f"{score}; {chosen}.{_open(best)}"
    if ranking is None or not (ranking.tied or ranking.undecided):
        among = f" of the {len(trials)} confirmed" if len(trials) > 1 else ", the only one confirmed"
        return f"Trial {best.number} is the best{among}: {said}"
    return f"{_named(ranking, best)}. Trial {best.number} has {said}"


def standing_of(name: str, scored: bool, state: Race, ranking: Ranking | None) -> str:
    """How a candidate came out, in a few words."""
    if not scored:
        return "failed on a fresh seed"
    dropped = next((one for one in state.dropped if one.name == name), None)
    if dropped:
        return f"dropped after {dropped.repeats} seeds"
    if ranking is None:
        return "best"
    if name == ranking.leader:
        return "best" if not (ranking.tied or ranking.undecided) else "highest mean"
    return "tied with the best" if name in ranking.tied else "undecided" if name in ranking.undecided else "behind"


def _ends(best: Confirmed, measure: Measure) -> str:
    """What the intervals of the one that is named hold, and what they are over."""
    if best.interval is None:
        return f" with {len(best.points)} fresh seed"
    interval, seeds = best.interval, f"{len(best.points)} fresh seeds"
    said = f"{interval.level:.0%} interval {_span(interval, measure)}"
    if best.over_seeds is None:
        return f" ({said} over {seeds}, on these validation examples, which also chose it)"
    over = scope(interval.over, interval.examples, interval.chosen_on)
    return f" ({said} {over}; {_span(best.over_seeds, measure)} over {seeds} alone)"


def _span(interval: Interval, measure: Measure) -> str:
    return f"{measure.text(interval.low)} to {measure.text(interval.high)}"


def _open(best: Confirmed) -> str:
    """Runs of it that collapsed, or what its few good runs leave open."""
    found = best.collapses
    if found is None:
        return ""
    if found.seen:
        low, high = found.share.low, found.share.high
        share = f"({low:.0%} to {high:.0%} of runs)"
        return f" {found.seen} of its {found.runs} runs collapsed {share} and are left out of it."
    said = not_excluded(found.runs, found.share.high)
    return f" {said[:1].upper()}{said[1:]}."


def _named(ranking: Ranking, best: Confirmed) -> str:
    """Who is tied with the best, who cannot be told from it yet, and which of them is the smallest."""
    parts = []
    if ranking.tied:
        small = f"; the smallest is trial {ranking.smallest}" if ranking.smallest else ""
        names = listed([str(best.number), *ranking.tied])
        parts.append(f"Trials {names}: these {_count(1 + len(ranking.tied))} are tied{small}")
    if ranking.undecided:
        trials = "Trial" if len(ranking.undecided) == 1 else "Trials"
        stated = f"{listed(ranking.undecided)} cannot be told from trial {best.number} by {len(best.points)} seeds"
        parts.append(f"{trials} {stated}")
    return ". ".join(parts)


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(number, str(number))
