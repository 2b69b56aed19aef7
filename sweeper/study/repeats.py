"""Trials whose configuration their study has tried, or is trying: they take that result and are not trained again."""

from __future__ import annotations

from collections import defaultdict

from sweeper.study.attempts import Attempt
from sweeper.study.evaluation import Evaluation
from sweeper.study.plan import Plan


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
        self._held: dict[str, list[Attempt]] = defaultdict(list)

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def take(self, attempt: Attempt) -> bool:
        """Whether a trial need not be trained: it has the result of an equal one now, or waits for it."""
        if not self._searches or attempt.drawn is None:
            return False
        digest = attempt.drawn.config.digest
        first = self._first.get(digest)
        if first is not None and first is not attempt and not first.has_ended:
            self._held[digest].append(attempt)
            return True
        if self._evaluation.repeat(attempt):
            return True
        self._first[digest] = attempt
        return False

    def released(self) -> list[Attempt]:
        """Take out those whose equal has ended, in whatever way."""
        over = [digest for digest, first in self._first.items() if first.has_ended]
        return [attempt for digest in over if self._first.pop(digest) for attempt in self._held.pop(digest, [])]

    def drain(self) -> list[Attempt]:
        """Take everything out."""
        found = [attempt for held in self._held.values() for attempt in held]
        self._held.clear()
        self._first.clear()
        return found
