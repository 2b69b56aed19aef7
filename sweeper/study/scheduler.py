"""The trials under way: asked ahead, grouped, handed to workers, stopped, and tried again when a worker is lost."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from sweeper.config.checks import TYPICAL_FEATURES, parameters
from sweeper.config.structure import structure
from sweeper.errors import SweeperError
from sweeper.study.attempts import Attempt
from sweeper.study.checkpoints import FOLDER, Checkpoints, Found
from sweeper.study.evaluation import Evaluation
from sweeper.study.events import Began, Note, Observer
from sweeper.study.grouping import Pace, ahead, next_group, weight
from sweeper.study.plan import Plan
from sweeper.study.search.samplers import SAMPLERS
from sweeper.trial import NO_ROOM, EpochReport, Event, Failure, Remark, StepReport, TrialResult, TrialSpec, WorkerLost
from sweeper.workers.base import Pool


class Scheduler:
    """What this driver has asked and not told.

    Args:
        plan: what is asked.
        evaluation: begins and ends trials.
        pool: runs them.
        runs: where the checkpoints of long trials are kept.
        models: folder for trained models; None to keep none.
        observe: hears of groups and of lost workers.

    Attributes:
        notes: what a person should see at the end, too.
    """

    def __init__(
        self,
        plan: Plan,
        evaluation: Evaluation,
        pool: Pool,
        runs: Path,
        models: Path | None,
        observe: Observer,
    ) -> None:
        """Nothing is under way."""
        self._plan, self._evaluation, self._pool, self._models, self._observe = plan, evaluation, pool, models, observe
        self._waiting: dict[Hashable, list[Attempt]] = defaultdict(list)
        self._running: dict[str, Attempt] = {}
        self._going_on: deque[Found] = deque()
        self._groups = 0
        # Trials that cost nothing count as asked until a worker answers: a sampler would learn of nothing else.
        self._aside = 0
        self._pace = Pace()
        self._dry = False
        self._ahead = ahead(
            adaptive=plan.space is not None and SAMPLERS[plan.sampler].adaptive,
            trials=plan.trials,
            workers=pool.size,
            group_limit=plan.group_limit,
        )
        self.notes: list[str] = []
        self.checkpoints = Checkpoints(runs / FOLDER / plan.study, evaluation.driver, self._say)

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._asked

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
        taken = self._evaluation.attempts.take_over(alive, self._evaluation.slot_count)
        going_on = self._go_on(taken)
        for attempt in taken:
            if attempt.key not in going_on:
                self._accept(attempt)
        return len(taken)

    def ask(self) -> None:
        """Ask trials: one while all workers are busy, and enough for their groups while one is idle."""
        self._dry = False
        while self.can_ask:
            attempt = self._evaluation.attempts.begin(self._evaluation.slot_count)
            if attempt is None:
                self._dry = True
            else:
                self._accept(attempt)
            if not self._pool.free_workers:
                return

    def feed(self) -> None:
        """Give every idle worker a group; those that go on from a checkpoint come first."""
        while self._pool.free_workers and self._going_on:
            found = self._going_on.popleft()
            self._submit(found.attempts, found)
        while self._pool.free_workers and any(self._waiting.values()):
            key, members = next_group(
                {key: waiting for key, waiting in self._waiting.items() if waiting},
                weight=self._weight,
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
        if isinstance(event, Remark):
            self._say(f"{', '.join(self._known(event.keys))}: {event.text}")
            return
        attempt = self._running.get(event.key)
        if attempt is None:
            return  # it was given up, or taken over
        if isinstance(event, TrialResult):
            if event.failure and event.failure.kind == NO_ROOM:  # its trial is run again, like all that are under way
                raise self._no_room(event.failure)
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

    def _no_room(self, failure: Failure) -> SweeperError:
        command = self._plan.command
        then = f"go on with: {command}" if command else "the same command goes on"
        return SweeperError(f"what was trained cannot be kept: {failure.message}", hint=f"make room; {then}")

    def release_all(self) -> None:
        """Let go of everything that is under way; the next driver goes on with it."""
        for key in self._running:
            self._pool.stop(key)
        queued = chain.from_iterable([*self._waiting.values(), *(found.attempts for found in self._going_on)])
        self._evaluation.attempts.release([*self._running.values(), *queued])
        self._running.clear()
        self._going_on.clear()
        self._waiting.clear()

    @property
    def _asked(self) -> int:
        return len(self._running) + self._queued

    @property
    def _queued(self) -> int:
        return sum(map(len, self._waiting.values())) + sum(len(found.attempts) for found in self._going_on)

    def _left(self) -> float:
        """Trials left to run, by this driver as far as it knows: what is asked and what is still to be."""
        counts = self._evaluation.counts
        unasked = max(0, counts.requested - counts.finished - counts.pruned - len(self._evaluation.attempts.slots.open))
        return self._queued + unasked + sum(1.0 - attempt.done for attempt in self._running.values())

    def _accept(self, attempt: Attempt) -> None:
        """Queue a trial that was begun, or taken over."""
        failure = attempt.failure or attempt.losses.poison
        if failure is not None:
            self._evaluation.fail(attempt, failure)
        elif (too_large := self._evaluation.too_large(attempt)) is not None:
            self._evaluation.set_aside(attempt, too_large)
            self._aside += 1
        else:
            self._wait(attempt)

    def _wait(self, attempt: Attempt) -> None:
        """Queue a trial with its like; one that may have cost a worker is run alone, so that only the guilty fail."""
        assert attempt.drawn is not None
        alike = structure(attempt.drawn.config)
        key: Hashable = (alike, attempt.number) if attempt.losses.apart else alike
        self._waiting[key].append(attempt)

    def _go_on(self, attempts: Sequence[Attempt]) -> set[str]:
        """Queue the groups of attempts that can go on from a checkpoint; the keys of all that are in them."""
        sound = [attempt for attempt in attempts if attempt.drawn and not attempt.losses.poison]
        found = self.checkpoints.find(sound, self._evaluation.attempts.ended_at, self._new_group)
        self._going_on.extend(found)
        return {attempt.key for group in found for attempt in group.attempts}

    def _weight(self, attempt: Attempt) -> float:
        assert attempt.drawn is not None
        config = attempt.drawn.config
        size = parameters(config, self._plan.inputs or TYPICAL_FEATURES, self._plan.classes or 10)
        return weight(config.repeats, size, self._plan.group_limit)

    def _new_group(self) -> int:
        self._groups += 1
        return self._groups

    def _submit(self, members: Sequence[Attempt], found: Found | None = None) -> None:
        group = found.group if found else self._new_group()
        for attempt in members:
            attempt.group = group
            self._running[attempt.key] = attempt
        own = [self._spec(attempt) for attempt in members]
        self._pool.submit(found.specs(own) if found else own)
        self._observe(Began({attempt.key: attempt.overrides for attempt in members}))

    def _spec(self, attempt: Attempt) -> TrialSpec:
        digest = str(self._plan.data.get("digest", ""))
        checkpoint = str(self.checkpoints.path(attempt.group).absolute())
        every = self._plan.checkpoint_every
        spec = attempt.spec(digest, self._folder(attempt))
        marks = self._evaluation.marks(attempt)
        return replace(spec, marks=marks, checkpoint=checkpoint, checkpoint_every=every)

    def _folder(self, attempt: Attempt) -> str:
        return "" if self._models is None else str(self._models / str(attempt.number))

    def _validated(self, attempt: Attempt, report: EpochReport) -> None:
        attempt.history.append(report)
        if self._evaluation.prunes(attempt, report):
            attempt.stopping = True
            self._pool.stop(attempt.key)

    def _end(self, attempt: Attempt, result: TrialResult) -> None:
        self._aside = 0
        if result.status == "finished":
            trials = max(1, result.group // _members(attempt))
            self._pace.add(result.seconds.get("total", 0.0), result.seconds.get("train", 0.0), trials)
        self._evaluation.end(attempt, result)
        if not any(other.group == attempt.group for other in self._running.values()):
            self.checkpoints.forget(attempt.group)

    def _lose(self, lost: WorkerLost) -> None:
        """Run the lost worker's trials again, but for one that has cost too many workers.

        Where somebody else killed it, they go on from their checkpoint, if there is one, or begin again; else alone.
        """
        keys = self._known(lost.keys)
        self._say(f"a worker was lost ({lost.reason}); its trials are run again: {', '.join(keys)}")
        again = [attempt for key in keys if self._noted(attempt := self._running.pop(key), lost)]
        suspect = any(attempt.losses.suspect for attempt in again)
        if suspect:
            self.checkpoints.forget(again[0].group)
        going_on = set() if suspect else self._go_on(again)
        for attempt in again:
            attempt.stopping = False
            if attempt.key not in going_on:
                attempt.done = 0.0
                self._wait(attempt)

    def _noted(self, attempt: Attempt, lost: WorkerLost) -> bool:
        """Keep that a trial has cost a worker; whether it may try again."""
        self._evaluation.attempts.note_loss(attempt, lost)
        poison = attempt.losses.poison
        if poison:
            self._say(f"trial {attempt.number} is set aside: it {poison.message}")
            self._evaluation.fail(attempt, poison)
        return poison is None

    def _known(self, keys: Sequence[str]) -> list[str]:
        """Those that are under way; beside what goes on from a checkpoint may be trained what has ended."""
        return [key for key in keys if key in self._running]

    def _say(self, text: str) -> None:
        self.notes.append(text)
        self._observe(Note(text))


def _members(attempt: Attempt) -> int:
    """How many members (repeats) a trial has."""
    assert attempt.drawn is not None
    return attempt.drawn.config.repeats
