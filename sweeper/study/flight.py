"""The trials under way: asked ahead, grouped, handed to workers, stopped, and tried again when a worker is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from pathlib import Path

from sweeper.config.structure import structure
from sweeper.records import EpochReport, Event, StepReport, TrialResult, WorkerLost
from sweeper.study.attempts import Attempt
from sweeper.study.batching import Pace, ahead, next_group
from sweeper.study.judge import Judge
from sweeper.study.plan import Began, Note, Plan
from sweeper.study.samplers import ADAPTIVE
from sweeper.study.workers.base import Pool


class Flight:
    """What this driver has asked and not told.

    Args:
        plan: what is asked.
        judge: begins and ends trials.
        pool: runs them.
        models: folder for trained models; None to keep none.
        observe: hears of groups and of lost workers.

    Attributes:
        notes: what a person should see at the end, too.
    """

    def __init__(
        self, plan: Plan, judge: Judge, pool: Pool, models: Path | None, observe: Callable[[object], None]
    ) -> None:
        """Nothing is under way."""
        self._plan, self._judge, self._pool, self._models, self._observe = plan, judge, pool, models, observe
        self._waiting: dict[Hashable, list[Attempt]] = defaultdict(list)
        self._running: dict[str, Attempt] = {}
        self._groups = 0
        # Trials that cost nothing count as asked until a worker answers: a sampler would learn of nothing else.
        self._aside = 0
        self._pace = Pace()
        self._dry = False
        self._ahead = ahead(
            adaptive=plan.space is not None and plan.sampler in ADAPTIVE,
            trials=plan.trials,
            workers=pool.size,
            group_limit=plan.group_limit,
        )
        self.notes: list[str] = []

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._running and not any(self._waiting.values())

    @property
    def dry(self) -> bool:
        """Whether the last look for a trial to ask found none."""
        return self._dry

    @property
    def can_ask(self) -> bool:
        """Whether another trial may be asked now."""
        return not self._dry and (self._asked + self._aside < self._ahead or self.empty)

    def take_over(self, alive: Callable[[str], bool]) -> int:
        """Go on with what other drivers have let go of, or died over; how many trials that are."""
        taken = self._judge.attempts.take_over(alive, self._judge.slots)
        for attempt in taken:
            self._accept(attempt)
        return len(taken)

    def ask(self) -> None:
        """Ask trials: one while all workers are busy, and enough for their groups while one is idle."""
        self._dry = False
        while self.can_ask:
            attempt = self._judge.attempts.begin(self._judge.slots)
            if attempt is None:
                self._dry = True
            else:
                self._accept(attempt)
            if not self._pool.hungry:
                return

    def feed(self) -> None:
        """Give every idle worker a group."""
        while self._pool.hungry and any(self._waiting.values()):
            key, members = next_group(
                {key: waiting for key, waiting in self._waiting.items() if waiting},
                weight=_members,
                limit=self._plan.group_limit,
                share=self._left() / self._pool.size,
                worth=self._pace.worth,
            )
            self._waiting[key] = self._waiting[key][len(members) :]
            self._submit(members)

    def take(self, event: Event) -> None:
        """Act on what a worker said."""
        if isinstance(event, WorkerLost):
            self._lose(event)
            return
        attempt = self._running.get(event.key)
        if attempt is None:
            return  # it was given up, or taken over
        if isinstance(event, TrialResult):
            del self._running[event.key]
            self._end(attempt, event)
            return
        if isinstance(event, StepReport):
            attempt.done = event.step / event.steps
        elif attempt.history and event.step <= attempt.history[-1].step:
            return  # told before its worker was lost
        else:
            self._validated(attempt, event)
        self._observe(event)

    def release_all(self) -> None:
        """Let go of everything that is under way; the next driver goes on with it."""
        for key in self._running:
            self._pool.stop(key)
        self._judge.attempts.release([*self._running.values(), *chain.from_iterable(self._waiting.values())])
        self._running.clear()
        self._waiting.clear()

    @property
    def _asked(self) -> int:
        return len(self._running) + sum(map(len, self._waiting.values()))

    def _left(self) -> float:
        """Trials left to run, by this driver as far as it knows: what is asked and what is still to be."""
        counts = self._judge.counts
        unasked = max(0, counts.requested - counts.finished - counts.pruned - len(self._judge.attempts.board.open))
        waiting = sum(map(len, self._waiting.values()))
        return waiting + unasked + sum(1.0 - attempt.done for attempt in self._running.values())

    def _accept(self, attempt: Attempt) -> None:
        """Queue a trial that was begun, or taken over."""
        failure = attempt.failure or attempt.losses.poison
        if failure is not None:
            self._judge.fail(attempt, failure)
        elif (too_large := self._judge.too_large(attempt)) is not None:
            self._judge.set_aside(attempt, too_large)
            self._aside += 1
        else:
            self._wait(attempt)

    def _wait(self, attempt: Attempt) -> None:
        """Queue a trial with its like; one that has cost a worker is run alone, so that only the guilty fail."""
        assert attempt.drawn is not None
        alike = structure(attempt.drawn.config)
        key: Hashable = (alike, attempt.number) if attempt.losses.reasons else alike
        self._waiting[key].append(attempt)

    def _submit(self, members: Sequence[Attempt]) -> None:
        self._groups += 1
        for attempt in members:
            attempt.group = self._groups
            self._running[attempt.key] = attempt
        digest = str(self._plan.data.get("digest", ""))
        self._pool.submit([attempt.spec(digest, self._folder(attempt)) for attempt in members])
        self._observe(Began({attempt.key: attempt.overrides for attempt in members}))

    def _folder(self, attempt: Attempt) -> str:
        return "" if self._models is None else str(self._models / str(attempt.number))

    def _validated(self, attempt: Attempt, report: EpochReport) -> None:
        attempt.history.append(report)
        if self._judge.prunes(attempt, report):
            attempt.stopping = True
            self._pool.stop(attempt.key)

    def _end(self, attempt: Attempt, result: TrialResult) -> None:
        self._aside = 0
        if result.status == "finished":
            trials = max(1, result.group // _members(attempt))
            self._pace.add(result.seconds.get("total", 0.0), result.seconds.get("train", 0.0), trials)
        self._judge.end(attempt, result)

    def _lose(self, lost: WorkerLost) -> None:
        """Run the lost worker's trials again, each alone, but for one that has cost too many workers."""
        self._say(f"a worker was lost ({lost.reason}); its trials are run again: {', '.join(lost.keys)}")
        for key in lost.keys:
            attempt = self._running.pop(key, None)
            if attempt is None:
                continue
            self._judge.attempts.note_loss(attempt, lost)
            poison = attempt.losses.poison
            if poison:
                self._say(f"trial {attempt.number} is set aside: it {poison.message}")
                self._judge.fail(attempt, poison)
            else:
                attempt.done = 0.0
                self._wait(attempt)

    def _say(self, text: str) -> None:
        self.notes.append(text)
        self._observe(Note(text))


def _members(attempt: Attempt) -> int:
    """How many members (repeats) a trial has."""
    assert attempt.drawn is not None
    return attempt.drawn.config.repeats
