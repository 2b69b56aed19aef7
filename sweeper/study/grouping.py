"""Which of the waiting trials are trained together next: pure arithmetic, so that all workers end at one time."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

ROOM = 700_000
"""Weights of all members of a group that a core's cache holds well, with their gradients.

Measured on two cores with 1 MiB of second-level cache each, both busy, member-steps a second for groups of 4, 8 and 16:
4,684, 4,534 and 4,895 with [50,30] (41,000 weights); 2,770, 2,748 and 2,499 with [100] (80,000); 1,145, 1,076 and 1,002
with [200,100] (178,000).
"""

Item = TypeVar("Item")


def next_group(
    waiting: Mapping[Hashable, Sequence[Item]],
    *,
    weight: Callable[[Item], float],
    limit: int,
    share: float,
    worth: float,
) -> tuple[Hashable, list[Item]]:
    """The group that the next idle worker shall have.

    Of the structure with most work, as many as are the worker's fair share of all that is left: large groups use a
    processor better (the first layer is one wide product), but one group of everything would leave the others idle.
    What is more than the limit is cut into equal parts, so that no rest has a program of its own.

    Args:
        waiting: trials that are ready to run, by structure; none of them empty.
        weight: of a trial (see ``weight``).
        limit: most that a group may weigh; a trial that weighs more by itself is one.
        share: trials left to run, those under way counted by the fraction they have before them, for each worker.
        worth: a rest of so many trials is not worth a group of its own, as a group costs as much before it trains.
    """
    structure, trials = max(waiting.items(), key=lambda entry: sum(map(weight, entry[1])))
    fitting = _fitting([weight(trial) for trial in trials], limit)
    fitting = math.ceil(len(trials) / math.ceil(len(trials) / fitting))
    fair = max(1, math.ceil(share))
    return structure, list(trials[: fitting if fitting - fair <= worth else fair])


def ahead(*, adaptive: bool, trials: int, workers: int, group_limit: int) -> int:
    """How many trials may be asked and not yet told.

    A sampler that does not learn may be asked for everything that fills the groups. One that learns would be blind for
    what is under way, so at most a quarter of the sweep is, and at least two for each worker, so that none waits.
    """
    if not adaptive:
        return max(4 * workers * group_limit, 2 * workers)
    return min(workers * group_limit, max(2 * workers, trials // 4))


@dataclass
class Pace:
    """What groups have cost so far, as a running mean.

    Attributes:
        fixed: seconds of a group before its first step (data, compiling).
        each: seconds of training for each of its trials.
    """

    fixed: float = 0.0
    each: float = 0.0

    def add(self, total: float, train: float, trials: int) -> None:
        """A group has ended: its seconds, those of its training loop, and how many trials it had."""
        news = 1.0 if self.each == 0.0 else 0.2
        self.fixed += news * (max(0.0, total - train) - self.fixed)
        self.each += news * (train / max(1, trials) - self.each)

    @property
    def worth(self) -> float:
        """In how many trials' training a group's fixed cost would be spent; one, while nothing is known."""
        return self.fixed / self.each if self.each else 1.0


def weight(members: int, parameters: int, limit: int) -> float:
    """What a trial counts of a group's limit: its members, and large ones for more, so that the group has ``ROOM``."""
    return members * max(1.0, limit * parameters / ROOM)


def _fitting(weights: Sequence[float], limit: int) -> int:
    """How many of the first trials fit into one group; one always does."""
    count, total = 0, 0.0
    for weight in weights:
        total += weight
        if count and total > limit:
            break
        count += 1
    return count
