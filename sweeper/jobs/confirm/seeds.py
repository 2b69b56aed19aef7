"""How many fresh seeds a confirmation has, and how many would tell what they leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from sweeper.statistics import Ranking, repeats_likely
from sweeper.statistics.difference import paired_difference
from sweeper.statistics.samples import sample
from sweeper.study.seeds import FEWEST_SEEDS, MOST_SEEDS
from sweeper.study.study_record import StudyRecord

PLANNED = 5
"""Fresh seeds at which a race ends, where no other number is asked for."""

LEVEL = 0.975
"""The level of the race, and of the ranking of those who are left: together they err in no more than 5 %."""

Asked = tuple[int, ...]
"""Fresh seeds that were asked for, each time that it was more than before."""


def asked_of(again: StudyRecord) -> Asked:
    """What was asked of a confirmation so far; of one from before that was kept, the usual number."""
    return again.planned or (PLANNED,)


def asking(again: StudyRecord | None, repeats: int) -> Asked:
    """The same with what is asked now; 0 for as many as before. What was trained counts, so it is never fewer."""
    before = asked_of(again) if again else ()
    if before and repeats <= before[-1]:
        return before
    return (*before, repeats or PLANNED)


def level_of(asked: Asked) -> float:
    """The level by the last that was asked: each time that more seeds are asked for may err half as often as before."""
    return 1 - (1 - LEVEL) / float(2 ** (len(asked) - 1))


def rounds(most: int) -> list[int]:
    """Fresh seeds after which it is asked who goes on: few at first, then twice as many each time."""
    ends = [FEWEST_SEEDS]
    while ends[-1] < most:
        ends.append(min(most, PLANNED if ends[-1] < PLANNED else 2 * ends[-1]))
    return ends


def telling(
    scores: Mapping[str, Sequence[float]], ranking: Ranking, asked: Asked, *, margin: float, resolution: float
) -> int | None:
    """Fresh seeds in all that usually tell those apart from the leader who are undecided; None beyond reason.

    Args:
        scores: of those who are left, by shared seed.
        ranking: of them.
        asked: fresh seeds so far.
        margin: the smallest difference that matters.
        resolution: as in ``paired``.
    """
    pairs = len(list(combinations(scores, 2)))
    level = level_of((*asked, asked[-1] + 1))
    most = asked[-1] + 1
    leader = sample(scores[ranking.leader])
    for name in ranking.undecided:
        found = paired_difference(leader, sample(scores[name]), resolution)
        needed = repeats_likely(found.sd, margin=margin, level=level, comparisons=pairs)
        if needed is None or needed > MOST_SEEDS:
            return None
        most = max(most, needed)
    return most if most <= MOST_SEEDS else None
