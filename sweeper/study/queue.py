"""The trials that are asked and not handed out: which are trained together next, and which need not be trained."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from sweeper.config.checks import TYPICAL_FEATURES, parameters
from sweeper.config.structure import structure
from sweeper.study.attempt import Attempt
from sweeper.study.checkpoints import Checkpoints, Found
from sweeper.study.evaluation import Evaluation
from sweeper.study.plan import Plan
from sweeper.study.slots import Attempts
from sweeper.study.waiting import WaitingTrials
from sweeper.trial import TrialSpec

ROOM = 700_000
"""Weights of all members of a group that a core's cache holds well, with their gradients.

Measured on two cores with 1 MiB of second-level cache each, both busy, member-steps a second for groups of 4, 8 and 16:
4,684, 4,534 and 4,895 with [50,30] (41,000 weights); 2,770, 2,748 and 2,499 with [100] (80,000); 1,145, 1,076 and 1,002
with [200,100] (178,000).
"""

ALIKE = 0.75
"""Kinds of structure for each trial, up to which trials that are asked together are worth waiting for."""


@dataclass(frozen=True, slots=True)
class Group:
    """Trials that are trained as one program.

    Attributes:
        number: among this driver's groups, from 1.
        attempts: of this driver, in it.
        found: the checkpoint that it goes on from; None where it begins.
    """

    number: int
    attempts: Sequence[Attempt]
    found: Found | None = None

    def specs(self, own: Sequence[TrialSpec]) -> Sequence[TrialSpec]:
        """What to train, of what its own attempts are."""
        return self.found.specs(own) if self.found else own


class Queue:
    """What waits for a worker.

    Args:
        plan: what is asked.
        attempts: of the study; they know what has become of a checkpoint's other trials.
        checkpoints: of this driver.

    Attributes:
        pace: what groups have cost so far.
    """

    def __init__(self, plan: Plan, attempts: Attempts, checkpoints: Checkpoints) -> None:
        """Nothing waits."""
        self._plan, self._attempts, self._checkpoints = plan, attempts, checkpoints
        self._waiting = WaitingTrials[Attempt]()
        self._resumed: deque[Group] = deque()
        self._in_resumed = 0
        self._number = partial(next, count(1))
        self._added, self._kinds = 0, set[str]()
        self.pace = GroupCost()

    def __len__(self) -> int:
        return len(self._waiting) + self._in_resumed

    def add(self, attempt: Attempt) -> None:
        """Queue a trial with its like; one that may have cost a worker is run alone, so that only the guilty fail."""
        assert attempt.drawn is not None
        config = attempt.drawn.config
        size = parameters(config, self._plan.inputs or TYPICAL_FEATURES, self._plan.classes or 10)
        attempt.weight = weight(config.repeats, size, self._plan.group_limit)
        alike = structure(config)
        self._added += 1
        self._kinds.add(alike)
        self._waiting.add((alike, attempt.number) if attempt.losses.apart else alike, attempt, attempt.weight)

    @property
    def forms_groups(self) -> bool:
        """Whether trials that are asked together are often of one structure, by those that were queued so far."""
        return len(self._kinds) <= ALIKE * self._added

    def resume(self, attempts: Sequence[Attempt]) -> set[str]:
        """Queue the groups of attempts that can go on from a checkpoint; the keys of all that are in them."""
        sound = [attempt for attempt in attempts if attempt.drawn and not attempt.losses.fatal]
        found = self._checkpoints.find(sound, self._attempts.ended_at, self._number)
        self._resumed.extend(Group(each.group, each.attempts, each) for each in found)
        self._in_resumed += sum(len(each.attempts) for each in found)
        return {attempt.key for each in found for attempt in each.attempts}

    def next(self, share: float) -> Group:
        """Take the next group out: one that goes on from a checkpoint first. There must be one.

        Args:
            share: trials left to run for each worker, as ``WaitingTrials.take`` has it.
        """
        if self._resumed:
            group = self._resumed.popleft()
            self._in_resumed -= len(group.attempts)
            return group
        members = self._waiting.take(limit=self._plan.group_limit, share=share, worth=self.pace.worth)
        return Group(self._number(), members)

    def drain(self) -> list[Attempt]:
        """Take everything out."""
        found = [*self._waiting.drain(), *(a for group in self._resumed for a in group.attempts)]
        self._resumed.clear()
        self._in_resumed = 0
        return found


def ahead(*, adaptive: bool, trials: int, workers: int, group_limit: int, groups: bool = True) -> int:
    """How many trials may be asked and not have ended yet.

    A sampler that does not learn may be asked for everything that fills the groups. One that learns would be blind for
    what is under way, so at most a quarter of the sweep is, and where no groups form only two for each worker, so that
    none waits.

    Args:
        adaptive: whether the sampler learns.
        trials: of the sweep.
        workers: that there are.
        group_limit: most trials of a group.
        groups: whether what is asked together forms groups (``Queue.forms_groups``).
    """
    if not adaptive:
        return max(4 * workers * group_limit, 2 * workers)
    least = 2 * workers
    return min(workers * group_limit, max(least, trials // 4) if groups else least)


@dataclass
class GroupCost:
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


class Repeats:
    """What waits for an equal trial of this driver to end. Points of a list are run as often as they are in it.

    Args:
        plan: what is asked.
        evaluation: ends a trial with another's result.
    """

    def __init__(self, plan: Plan, evaluation: Evaluation) -> None:
        """Nothing waits."""
        self._searches, self._evaluation = plan.space is not None, evaluation
        self._first: dict[str, Attempt] = {}
        self._digests: dict[str, str] = {}
        self._held: dict[str, list[Attempt]] = defaultdict(list)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def take(self, attempt: Attempt) -> bool:
        """Whether a trial need not be trained: it has the result of an equal one now, or waits for it."""
        if not self._searches or attempt.drawn is None:
            return False
        digest = attempt.drawn.config.digest
        first = self._first.get(digest)
        if first is not None and first is not attempt and not first.has_ended:
            self._held[digest].append(attempt)
            self._count += 1
            return True
        if self._evaluation.repeat(attempt):
            return True
        self._first[digest] = attempt
        self._digests[attempt.key] = digest
        return False

    def released(self, keys: Iterable[str]) -> list[Attempt]:
        """Take out those whose equal is among these, and has ended, in whatever way."""
        over = [self._digests[key] for key in keys if key in self._digests]
        ended = [digest for digest in over if (first := self._first.get(digest)) and first.has_ended]
        for digest in ended:
            self._digests.pop(self._first.pop(digest).key, None)
        found = [attempt for digest in ended for attempt in self._held.pop(digest, [])]
        self._count -= len(found)
        return found

    def drain(self) -> list[Attempt]:
        """Take everything out."""
        found = [attempt for held in self._held.values() for attempt in held]
        self._held.clear()
        self._count = 0
        self._first.clear()
        self._digests.clear()
        return found
