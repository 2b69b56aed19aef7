"""The driver of a sweep: asks, hands out, listens, prunes, ends and records trials. It alone owns the sweep's state."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from typing import Literal

from sweeper.errors import InterruptedRunError, SweeperError
from sweeper.study.checkpoints import FOLDER, Checkpoints
from sweeper.study.converters import DRIVER, quiet_optuna
from sweeper.study.evaluation import Evaluation
from sweeper.study.importance import EVALUATOR, VARIANCE_EVALUATOR, importances
from sweeper.study.open_study import OpenStudy
from sweeper.study.opening import PreparedStudy
from sweeper.study.plan import Notes, Opened, Outcome, Plan
from sweeper.study.recorder import Recorder
from sweeper.study.scheduler import Scheduler
from sweeper.study.session import Session
from sweeper.study.storage.connect import explained
from sweeper.study.storage.transactions import STORAGE_ERRORS
from sweeper.system.process import SILENCE
from sweeper.system.signals import Interrupts, listen
from sweeper.tracking.base import StudyStatus

TOP = 10
"""Leaders in an outcome."""

PATIENCE = 0.25
"""Seconds that one poll waits; so long may a Ctrl-C go unnoticed."""


def tune(asked: Plan | PreparedStudy, session: Session) -> Outcome:
    """Carry out a plan: begin its study or go on with it, until it has as many trials as are asked for.

    Args:
        asked: what to do; a plan, or the study that was prepared for it.
        session: with the workers, the tracker, and who is given the events.

    Raises:
        InputError: the plan cannot be carried out, or its study is bound to something else; nothing was run.
        InterruptedRunError: Ctrl-C or SIGTERM; what is finished is kept, and the same plan goes on.
        SweeperError: every trial failed in the same way, or the storage cannot be written.
    """
    plan = asked.plan if isinstance(asked, PreparedStudy) else asked
    with quiet_optuna(), listen() as interrupts, explained(f"the study {plan.study!r}"):
        opened = (asked if isinstance(asked, PreparedStudy) else PreparedStudy(plan, session.runs)).open()
        try:
            return _Sweep(plan, opened, session, interrupts).run()
        finally:
            opened.close()


class _Sweep:
    """One call of ``tune``, with its study open."""

    def __init__(self, plan: Plan, opened: OpenStudy, session: Session, interrupts: Interrupts) -> None:
        self.plan, self.opened, self.session, self.interrupts = plan, opened, session, interrupts
        self.begun = time.monotonic()
        self.notes = Notes(session.observe)
        driver = opened.lease.driver
        self.models = session.runs / "studies" / f"{plan.study}.models"
        self.recorder = Recorder(opened, session.tracker)
        self.evaluation = Evaluation(plan, opened, self.recorder, session.observe)
        self.checkpoints = Checkpoints(session.runs / FOLDER / plan.study, driver, self.notes.say)
        models = self.models / driver if plan.keep_models else None
        self.scheduler = Scheduler(plan, self.evaluation, session, self.checkpoints, models, self.notes)
        self.waited_for: set[str] = set()
        opened.store.patience.say = session.note

    def run(self) -> Outcome:
        """Go on until nothing is left to do; whatever happens, leave the study in order."""
        try:
            outcome = self._outcome(self._go_on())
        except BaseException as error:
            self.opened.broken = isinstance(error, STORAGE_ERRORS)
            stopped = isinstance(error, InterruptedRunError | KeyboardInterrupt)
            with suppress(SweeperError):  # what ended the sweep is worth more than what its record says of it
                self._leave("interrupted" if stopped else "failed")
            raise
        self._leave("finished" if outcome.ended == "done" else "interrupted")
        return outcome

    def _go_on(self) -> Literal["done", "timeout"]:
        found = self.evaluation
        self.session.observe(Opened(found.counts, found.best, self.plan.study, self.plan.fixed))
        self._take_over()
        while True:
            if self.interrupts.caught:
                raise self._interrupted()
            if self._timed_out():
                self.scheduler.release_all()
                return "timeout"
            if self.opened.renew() or self._idle():
                self._take_over()
                self.recorder.catch_up()
            self.scheduler.ask()
            self.scheduler.feed()
            if self.scheduler.empty and self.evaluation.done:
                self.checkpoints.clear(self.opened.alive())
                return "done"
            events = self.session.pool.poll(self._patience())
            self.scheduler.feed()
            for event in events:
                self.scheduler.take(event)

    def _patience(self) -> float:
        """How long to wait for the workers: not at all while there is something to ask meanwhile."""
        return 0.0 if self.scheduler.can_ask else PATIENCE

    def _idle(self) -> bool:
        """Whether there is nothing to do but to wait for other drivers."""
        return self.scheduler.empty and self.scheduler.dry

    def _take_over(self) -> None:
        """Go on with what other drivers have begun and will not finish."""
        self.evaluation.attempts.refresh()
        taken = self.scheduler.take_over(self.opened.alive())
        if taken:
            trials = "trial" if taken == 1 else "trials"
            self.notes.say(f"{taken} {trials} that a driver did not finish will be run again")
        elif self._idle():
            self._say_who_is_waited_for()

    def _say_who_is_waited_for(self) -> None:
        """Name the drivers of other machines that have the last trials and may have ended without a word."""
        owners = {trial.user_attrs.get(DRIVER) for trial in self.evaluation.attempts.slots.open.values()}
        for lease in self.opened.leases().unknown():
            if lease.driver in owners - self.waited_for:
                self.waited_for.add(lease.driver)
                process = lease.process
                self.notes.say(
                    f"the last trials are run by process {process.pid} on {process.host}, which cannot be seen from "
                    f"here: they are run again when it has been silent for {SILENCE:.0f} s. If it is gone: sweeper "
                    f"doctor --fix --gone {process.host}"
                )

    def _timed_out(self) -> bool:
        return self.plan.timeout is not None and time.monotonic() - self.begun >= self.plan.timeout

    def _interrupted(self) -> InterruptedRunError:
        # The last writes, to MLflow, may take some seconds.
        self.session.note(f"{self.interrupts.caught}: ending in order; another one ends at once")
        self.scheduler.release_all()
        counts = self.evaluation.counts
        done = counts.finished + counts.pruned
        return InterruptedRunError(
            f"{self.interrupts.caught}: stopped with {done} of {counts.requested} trials",
            hint=f"go on with: {self.plan.command}" if self.plan.command else "the same command goes on",
        )

    def _leave(self, status: StudyStatus) -> None:
        """Let go of what is still under way; where the storage has failed, the next driver will find it as it is."""
        if not self.opened.broken:
            self.scheduler.release_all()
        if self.recorder.close(status, self.evaluation.summary()):
            self._discard_models()

    def _discard_models(self) -> None:
        """Delete the folders of models that everybody is done with: the tracker has taken what it wanted."""
        alive = self.opened.alive()
        for folder in self.models.glob("*"):
            if folder.name == self.opened.lease.driver or not alive(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # there is none, or another driver has its models in it
            self.models.rmdir()

    def _outcome(self, ended: Literal["done", "timeout"]) -> Outcome:
        top, found = self.opened.leaders(TOP), importances(self.opened.study)
        return Outcome(
            study=self.plan.study,
            counts=self.evaluation.counts,
            best=top[0] if top else None,
            top=top,
            seconds=time.monotonic() - self.begun,
            data=self.plan.data,
            workers=self.session.pool.size,
            objective=self.plan.objective,
            importance=found.best_tenth,
            evaluator=EVALUATOR if found.best_tenth else "",
            variance=found.variance,
            variance_evaluator=VARIANCE_EVALUATOR if found.variance else "",
            no_importance=found.why,
            ended=ended,
            notes=tuple(self.notes.lines),
            run=self.recorder.run,
        )
