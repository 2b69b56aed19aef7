"""One configuration, without a study: the same worker, the same tracker, the same promises."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from sweeper.config.schema import Config
from sweeper.errors import InterruptedRunError, SweeperError
from sweeper.study.attempt import COSTS_WORKERS, Losses
from sweeper.study.checkpoints import claim
from sweeper.study.objectives import DEFAULT, measured
from sweeper.study.session import Session
from sweeper.system.signals import Interrupts, listen
from sweeper.tracking.base import RunRecord
from sweeper.trial import (
    CHECKPOINT_EVERY,
    NO_ROOM,
    NOBODYS,
    OTHER_DATA,
    EpochReport,
    Failure,
    Remark,
    TrialResult,
    TrialSpec,
    TrialStatus,
)
from sweeper.workers.base import WorkerLost

PATIENCE = 0.25
"""Seconds that one poll waits; so long may a Ctrl-C go unnoticed."""


@dataclass(frozen=True)
class Run:
    """A run that ended well.

    Attributes:
        record: everything about it.
        run_id: of the tracker, to be.
    """

    record: RunRecord
    run_id: Future[str]


def run(
    config: Config,
    overrides: Sequence[str],
    session: Session,
    *,
    name: str = "run",
    digest: str = "",
    sealed: str = "",
    keep_models: bool = True,
    checkpoint_every: float = CHECKPOINT_EVERY,
) -> Run:
    """Train one configuration and record it; what a process that was killed has left of the same run goes on.

    Args:
        config: what to train; its repeats are trained together.
        overrides: as they were typed.
        session: with the worker, and the tracker, in which the run is recorded, whatever its end.
        name: shown in the list of runs where nothing was overridden; else the overrides are.
        digest: what the digest of the data must be; empty for any.
        sealed: which rows of them must be sealed; empty for any.
        keep_models: whether to save what was trained.
        checkpoint_every: seconds of training from one checkpoint to the next.

    Raises:
        InterruptedRunError: Ctrl-C or SIGTERM; recorded as such.
        SweeperError: the run failed; recorded as such.
    """
    key = f"{name}/{uuid.uuid4().hex[:8]}"
    folder = session.runs / "models" / key.replace("/", "-")
    saved = claim(session.runs, config.to_dict(), digest, session.note)
    spec = TrialSpec(
        key,
        config.to_dict(),
        digest,
        session.files.name(folder.absolute()) if keep_models else "",
        checkpoint=session.files.name(saved.path.absolute()),
        checkpoint_every=checkpoint_every,
        sealed=sealed,
    )
    single = _Single(spec, overrides, name, session)
    with listen() as interrupts:
        result = single.wait(interrupts)
    ended = single.record(result, interrupts.caught if result.failure else "")
    run_id = session.tracker.record(ended)
    if interrupts.caught and result.failure:
        then = "goes on from its last checkpoint" if saved.path.exists() else "begins again"
        raise InterruptedRunError(f"{interrupts.caught}: {result.failure.message}", hint=f"the same command {then}")
    if not result.failure or result.failure.kind not in {
        COSTS_WORKERS,
        *NOBODYS,
    }:  # once that is mended, that may go on
        saved.forget()
    if result.failure:
        shutil.rmtree(folder, ignore_errors=True)
        raise SweeperError(f"the run failed: {result.failure.message}", hint=_hint(result.failure.kind))
    return Run(ended, run_id)


@dataclass
class _Single:
    """The run while it is under way."""

    spec: TrialSpec
    overrides: Sequence[str]
    name: str
    session: Session
    history: list[EpochReport] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    started: float = field(default_factory=time.time)

    def wait(self, interrupts: Interrupts) -> TrialResult:
        """Until it has ended, one way or the other."""
        self.session.pool.submit([self.spec], self.session.files)
        while not interrupts.caught:
            for event in self.session.pool.poll(PATIENCE):
                if isinstance(event, TrialResult):
                    return replace(event, models=tuple(str(self.session.files.fetch(n)) for n in event.models))
                if isinstance(event, WorkerLost):
                    self.losses.add(event)
                    if self.losses.fatal:
                        return TrialResult(self.spec.key, TrialStatus.FAILED, failure=self.losses.fatal)
                    self.session.pool.submit([self.spec], self.session.files)
                elif isinstance(event, EpochReport):
                    self._validated(event)
                elif isinstance(event, Remark):
                    self.session.note(event.text)
                else:
                    self.session.observe(event)
        return self._broken_off()

    def record(self, result: TrialResult, interrupted: str) -> RunRecord:
        """For the tracker."""
        return RunRecord(
            name=" ".join(self.overrides)[:120] or self.name,
            config=self.spec.config,
            overrides=list(self.overrides),
            history=self.history,
            result=result,
            started=self.started,
            ended=time.time(),
            interrupted=interrupted,
            score=measured(DEFAULT, result) if result.status == TrialStatus.FINISHED else None,
        )

    def _validated(self, report: EpochReport) -> None:
        if not self.history or report.step > self.history[-1].step:
            self.history.append(report)
            self.session.observe(report)

    def _broken_off(self) -> TrialResult:
        step = self.history[-1].step if self.history else 0
        last = f"its last validation was at step {step}" if step else "it had not been validated yet"
        failure = Failure("interrupted", f"the run was broken off; {last}", step)
        return TrialResult(self.spec.key, TrialStatus.FAILED, steps=step, failure=failure)


def _hint(kind: str) -> str:
    """What to try."""
    hints = {
        "diverged": "a smaller learning_rate",
        "out of memory": "a smaller batch_size or network",
        NO_ROOM: "make room; the same command goes on",
        OTHER_DATA: "put the data back as they were; the same command goes on",
    }
    return hints.get(kind, "--debug shows more")
