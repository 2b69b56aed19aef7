"""A race among the candidates that a search found: losers leave as soon as they cannot be the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.difference import paired_difference
from sweeper.statistics.samples import checked_level, sample
from sweeper.statistics.verdict import MARGIN, judge

FIRST_LOOK = 3
"""Repeats before the first look: with two, one degree of freedom tells nothing at any sensible level."""

Scores = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that left the race: after how many repeats, who beat it, and by how much on average."""

    name: str
    repeats: int
    beaten_by: str
    gap: float


@dataclass(frozen=True, slots=True)
class Race:
    """Where the race stands.

    Attributes:
        alive: candidates still in it, best mean first.
        dropped: the others, in the order in which they left.
        repeats: shared repeats that all who are alive have finished.
        settled: nothing is left to find out.
        reason: why, in a few words: one is left, all left are tied, or the planned repeats are done; else empty.
    """

    alive: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    repeats: int
    settled: bool
    reason: str

    @property
    def leader(self) -> str:
        """The best mean of those alive."""
        return self.alive[0]


def race(
    scores: Scores,
    *,
    planned: int = 10,
    level: float = 0.95,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
) -> Race:
    """Who is still in the race, after any number of repeats; call it after each.

    The true best is dropped in at most a share ``1 - level`` of races, over all looks and rivals: each look
    at each rival spends an equal part of it (Bonferroni), in a one-sided paired t-test. The answer follows from
    the scores alone: looks are replayed from the first, so that a race goes on after an interruption.

    Args:
        scores: of each candidate that began, by shared seed in the same order; a dropped one's end where it left.
        planned: repeats at which the race ends; it must be the same at every look.
        level: 1 less the rate at which the true best may be lost.
        margin: the smallest difference that matters.
        higher_is_better: false for a loss.
        resolution: as in ``paired``.

    Source: Maron and Moore (1994), Hoeffding races; Birattari et al. (2002), F-Race. Repeated looks are
    paid for as in group-sequential trials (Jennison and Turnbull 2000), by Bonferroni's bound.

    Raises:
        InputError: no candidates, or fewer repeats planned than the first look needs.
    """
    if not scores or planned < FIRST_LOOK:
        raise InputError(
            f"a race needs a candidate and {FIRST_LOOK} or more repeats, not {len(scores)} and {planned}",
            hint="raise the repeats",
        )
    rules = _Rules(_spent(level, len(scores), planned), margin, higher_is_better, resolution)
    alive, dropped, tied, look = tuple(scores), list[Dropped](), False, FIRST_LOOK
    while len(alive) > 1 and not tied and look <= _shared(scores, alive, planned):
        losers, tied = _look({name: scores[name][:look] for name in alive}, look, rules)
        alive = tuple(name for name in alive if name not in {loser.name for loser in losers})
        dropped += losers
        look += 1
    repeats = _shared(scores, alive, planned)
    reason = _reason(len(alive), tied=tied, done=repeats >= planned)
    return Race(_ordered(scores, alive, repeats, higher_is_better), tuple(dropped), repeats, bool(reason), reason)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What every look at a pair is judged by; `level` is two-sided, of one pair at one look."""

    level: float
    margin: float
    higher_is_better: bool
    resolution: float


def _spent(level: float, candidates: int, planned: int) -> float:
    """The two-sided level of one pair at one look; only its losing side can cost the best its place."""
    looks, rivals = planned - FIRST_LOOK + 1, max(1, candidates - 1)
    return 1 - 2 * (1 - checked_level(level)) / (looks * rivals)


def _shared(scores: Scores, names: Sequence[str], planned: int) -> int:
    return min(planned, *(len(scores[name]) for name in names))


def _look(seen: Scores, look: int, rules: _Rules) -> tuple[list[Dropped], bool]:
    """Who is beaten at this look, each with the one that beats it by most; and whether all the rest are tied."""
    beaten: dict[str, Dropped] = {}
    untied: list[tuple[str, str]] = []
    for a, b in combinations(seen, 2):
        found = paired_difference(sample(seen[a], name=a), sample(seen[b], name=b), rules.resolution)
        verdict = judge(found.interval(rules.level), margin=rules.margin, higher_is_better=rules.higher_is_better)
        if verdict == "undecided":
            untied.append((a, b))
        elif verdict != "tie":
            winner, loser = (a, b) if verdict == "better" else (b, a)
            if loser not in beaten or abs(found.value) > beaten[loser].gap:
                beaten[loser] = Dropped(loser, look, winner, abs(found.value))
    return list(beaten.values()), all(a in beaten or b in beaten for a, b in untied)


def _ordered(scores: Scores, alive: Sequence[str], repeats: int, higher_is_better: bool) -> tuple[str, ...]:
    if repeats == 0:
        return tuple(alive)
    means = {name: float(np.mean(scores[name][:repeats])) for name in alive}
    return tuple(sorted(alive, key=means.__getitem__, reverse=higher_is_better))


def _reason(alive: int, *, tied: bool, done: bool) -> str:
    if alive == 1:
        return "one is left"
    if tied:
        return "all that are left are tied"
    return "the planned repeats are done" if done else ""
