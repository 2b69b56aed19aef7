"""Which of the waiting trials are trained together next: pure arithmetic, so that all workers end at one time."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def next_group(
    waiting: Mapping[Hashable, Sequence[Item]], *, limit: int, left: float, workers: int
) -> tuple[Hashable, list[Item]]:
    """The group that the next idle worker shall have.

    Of the structure with most trials, as many as are that worker's fair share of everything that is left: large groups
    use a processor better (the first layer is one wide product), but one group of all would leave the other workers
    idle.

    Args:
        waiting: trials that are ready to run, by structure; none of them empty.
        limit: most members of a group.
        left: trials left to run, those under way counted by the fraction that they still have before them.
        workers: how many workers there are.
    """
    structure, members = max(waiting.items(), key=lambda entry: len(entry[1]))
    share = max(1, math.ceil(left / workers))
    if len(members) <= limit and len(members) - share == 1 and share > 1:
        share = len(members)  # one left over would cost a program of its own
    return structure, list(members[: min(limit, share)])


def ahead(*, adaptive: bool, trials: int, workers: int, group_limit: int) -> int:
    """How many trials may be asked and not yet told.

    A sampler that does not learn may be asked for everything that fills the groups. One that learns would be blind for
    what is under way, so at most a quarter of the sweep is, and at least two for each worker, so that none waits.
    """
    if not adaptive:
        return max(4 * workers * group_limit, 2 * workers)
    return min(workers * group_limit, max(2 * workers, trials // 4))
