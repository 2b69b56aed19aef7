"""A confirmation in words: how each leader came out, and the sentence that names one."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.report.comparison.report import listed
from sweeper.report.facts import Measure, not_excluded, scope
from sweeper.report.study.facts import Confirmed
from sweeper.statistics import Interval, Race, Ranking
from sweeper.study.seeds import MOST_SEEDS


def sentence(
    trials: Sequence[Confirmed], ranking: Ranking | None, measure: Measure, *, winner: int, telling: int | None = None
) -> str:
    """Who is named, with what it has been seen to be worth; who else may be as good, and the options that tell more.

    Args:
        trials: the one with the highest mean first.
        ranking: of those who are left; None where it is one.
        measure: of their scores.
        winner: number of the one that is named.
        telling: fresh seeds in all that would tell who is undecided; None where that is beyond reason.
    """
    best = next(one for one in trials if one.number == winner)
    ends = f" ({_span(best.interval, measure)})" if best.interval else ""
    parts = [f"Best: trial {best.number}, {measure.text(best.value)}{ends}."]
    if ranking is not None:
        parts += _others(ranking, trials, best, telling)
    chosen = f"it was chosen by {measure.text(best.original)}"
    return " ".join([*parts, f"{_basis(best, measure)}; {chosen}.{_open(best)}"])


def _others(ranking: Ranking, trials: Sequence[Confirmed], best: Confirmed, telling: int | None) -> list[str]:
    """Those that are tied with the one that is named, and those of which that cannot be said yet."""
    parts, leader = [], trials[0]
    alike = [name for name in (str(leader.number), *ranking.tied) if name != str(best.number)] if ranking.tied else []
    if alike:
        small = ", and it is the smallest" if ranking.smallest else ""
        parts.append(f"{_trials(alike)} {'is' if len(alike) == 1 else 'are'} tied with it{small}.")
    open_ = [name for name in ranking.undecided if name != str(best.number)]
    if open_:
        wish = f"`--confirm {len(trials)} --repeats {telling}` would tell"
        parts.append(
            f"{_trials(open_)} may be as good; {wish if telling else f'even {MOST_SEEDS} seeds might not tell'}."
        )
    return parts


def _trials(names: Sequence[str]) -> str:
    return f"{'Trial' if len(names) == 1 else 'Trials'} {listed(names)}"


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


def _basis(best: Confirmed, measure: Measure) -> str:
    """What the one that is named is judged by, and what its intervals are over."""
    if best.interval is None:
        return f"This is of {len(best.points)} fresh seed"
    interval, seeds = best.interval, f"{len(best.points)} fresh seeds"
    if best.over_seeds is None:
        return f"The {interval.level:.0%} interval is over {seeds}, on these validation examples, which also chose it"
    over = scope(interval.over, interval.examples, interval.chosen_on)
    return f"The {interval.level:.0%} interval is {over}; {_span(best.over_seeds, measure)} over {seeds} alone"


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
