"""The trials under way: asked ahead, queued, handed to workers, and acted on when a worker says something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.study.attempt import Attempt
from sweeper.study.checkpoints import Checkpoints
from sweeper.study.dispatch import Dispatch, Recovery
from sweeper.study.evaluation import Evaluation
from sweeper.study.plan import Notes, Plan
from sweeper.study.queue import Queue, Repeats, ahead
from sweeper.study.search.samplers import SAMPLERS
from sweeper.study.session import Session
from sweeper.trial import NOBODYS, OTHER_DATA, EpochReport, Failure, Remark, StepReport, TrialResult, TrialStatus
from sweeper.workers.base import Event, WorkerLost

AT_ONCE = 256
"""Trials that are asked before idle workers are given some: the largest groups of sixteen workers.

A thousand workers would wait for the groups of all of them otherwise.
"""


class Scheduler:
    """What this driver has asked, and what has not ended yet.

    Args:
        plan: what is asked.
        evaluation: begins and ends trials.
        session: with the workers.
        checkpoints: of this driver.
        models: folder for trained models; None to keep none.
        notes: what a person should see.
    """

    def __init__(
        self,
        plan: Plan,
        evaluation: Evaluation,
        session: Session,
        checkpoints: Checkpoints,
        models: Path | None,
        notes: Notes,
    ) -> None:
        """Nothing is under way."""
        self._plan, self._evaluation, self._session, self._notes = plan, evaluation, session, notes
        self._queue = Queue(plan, evaluation.attempts, checkpoints)
        self._dispatch = Dispatch(plan, session, checkpoints, evaluation, models)
        self._repeats = Repeats(plan, evaluation)
        self._recovery = Recovery(evaluation, self._queue, self._dispatch, checkpoints, notes)
        # Trials that cost nothing count as asked until a worker answers: a sampler would learn of nothing else.
        self._aside = 0
        self._dry = False
        self._ahead = partial(
            ahead,
            adaptive=plan.space is not None and SAMPLERS[plan.sampler].adaptive,
            trials=plan.trials,
            workers=session.pool.size,
            group_limit=plan.group_limit,
        )

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._asked

    @property
    def dry(self) -> bool:
        """Whether there was no trial to ask the last time."""
        return self._dry

    @property
    def can_ask(self) -> bool:
        """Whether another trial may be asked now."""
        return not self._dry and (
            self._asked + self._aside < self._ahead(groups=self._queue.forms_groups) or self.empty
        )

    def take_over(self, alive: Callable[[str], bool]) -> int:
        """Go on with what other drivers have let go of, or died over; how many trials that are."""
        taken = self._evaluation.attempts.take_over(alive, self._evaluation.slot_count)
        resumed = self._queue.resume(taken)
        for attempt in taken:
            if attempt.key not in resumed:
                self._accept(attempt)
        return len(taken)

    def ask(self) -> None:
        """Ask trials: one while all workers are busy, and enough for their groups while one is idle."""
        self._dry = False
        for _ in range(AT_ONCE):
            if not self.can_ask:
                return
            attempt = self._evaluation.attempts.begin(self._evaluation.slot_count)
            if attempt is None:
                self._dry = True
            else:
                self._accept(attempt)
            if not self._dispatch.free_workers:
                return

    def feed(self) -> None:
        """Give every idle worker a group; those that go on from a checkpoint come first."""
        while self._queue and self._dispatch.free_workers:
            self._dispatch.submit(self._queue.next(self._left() / self._session.pool.size))

    def take(self, event: Event) -> None:
        """Act on what a worker said.

        Raises:
            SweeperError: the disk is full, or every trial fails with one error.
        """
        if isinstance(event, WorkerLost):
            self._recovery.lose(event)
            self._accept_all(self._repeats.released(event.keys))
            return
        if isinstance(event, Remark):
            self._remark(event)
            return
        attempt = self._dispatch.get(event.key)
        if attempt is None:
            return
        if isinstance(event, TrialResult):
            self._end(attempt, event)
            self._accept_all(self._repeats.released([event.key]))
            return
        if isinstance(event, StepReport):
            self._dispatch.advance(attempt, event.step / event.steps)
        elif attempt.history and event.step <= attempt.history[-1].step:
            return  # it was reported before its worker was lost
        else:
            self._validated(attempt, event)
        self._session.observe(event)

    def _remark(self, event: Remark) -> None:
        if event.keys:
            self._notes.say(f"{', '.join(self._dispatch.known(event.keys))}: {event.text}")
        else:
            self._session.note(event.text)

    def release_all(self) -> None:
        """Let go of everything that is under way; the next driver goes on with it."""
        held = [*self._dispatch.drain(), *self._queue.drain(), *self._repeats.drain()]
        self._evaluation.attempts.release(held)

    @property
    def _asked(self) -> int:
        return len(self._dispatch) + len(self._queue) + len(self._repeats)

    def _left(self) -> float:
        """Trials left to run, by this driver as far as it knows: what is asked and what is still to be."""
        counts, slots = self._evaluation.counts, self._evaluation.attempts.slots
        unasked = max(0, counts.requested - counts.finished - counts.pruned - len(slots.open))
        return len(self._queue) + unasked + self._dispatch.left

    def _accept(self, attempt: Attempt) -> None:
        """Queue a trial that was begun, or taken over, unless it has ended already."""
        failure = attempt.failure or attempt.losses.fatal
        if failure is not None:
            self._evaluation.fail(attempt, failure)
        elif (too_large := self._evaluation.too_large(attempt)) is not None:
            self._evaluation.set_aside(attempt, too_large)
            self._aside += 1
        elif self._repeats.take(attempt):
            self._aside += attempt.has_ended
        else:
            self._queue.add(attempt)

    def _accept_all(self, attempts: Sequence[Attempt]) -> None:
        for attempt in attempts:
            self._accept(attempt)

    def _validated(self, attempt: Attempt, report: EpochReport) -> None:
        attempt.history.append(report)
        if self._evaluation.prunes(attempt, report):
            self._dispatch.stop(attempt)

    def _end(self, attempt: Attempt, result: TrialResult) -> None:
        if result.failure and result.failure.kind in NOBODYS:  # its trial is run again, like all that are under way
            raise self._nobodys(result.failure)
        self._dispatch.take_back(result.key)
        self._aside = 0
        if result.status == TrialStatus.FINISHED:
            trials = max(1, result.group // attempt.members)
            self._queue.pace.add(result.seconds.get("total", 0.0), result.seconds.get("train", 0.0), trials)
        self._evaluation.end(attempt, self._dispatch.fetched(result))
        self._dispatch.close(attempt.group)

    def _nobodys(self, failure: Failure) -> SweeperError:
        command = self._plan.command
        then = f"go on with: {command}" if command else "the same command goes on"
        if failure.kind == OTHER_DATA:
            return SweeperError(failure.message, hint=f"put the data back as they were; {then}")
        return SweeperError(f"what was trained cannot be kept: {failure.message}", hint=f"make room; {then}")
