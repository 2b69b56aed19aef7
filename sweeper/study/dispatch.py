"""The trials that workers have: handed out as groups, stopped, taken back, run again where a worker was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sweeper.config.schema import Config, total_steps
from sweeper.config.structure import serves_all_widths
from sweeper.data import SEALED
from sweeper.study.attempt import Attempt
from sweeper.study.checkpoints import Checkpoints
from sweeper.study.evaluation import Evaluation
from sweeper.study.objectives import OBJECTIVES
from sweeper.study.plan import Began, Notes, Plan
from sweeper.study.queue import Group, Queue
from sweeper.study.search.pruners import train_size
from sweeper.study.session import Session
from sweeper.study.waiting import PARTS, exact
from sweeper.trial import TrialResult, TrialSpec
from sweeper.workers.base import WorkerLost

XLA_PAYS = 7000
"""Steps of a member from which on compiling a program pays for itself."""

LATE = 128
"""Most steps that go by after a mark until a trial hears that it shall stop: one call of the trainer's loop."""


class Dispatch:
    """What this driver has handed to its workers.

    Args:
        plan: what is asked.
        session: with the workers.
        checkpoints: of this driver.
        evaluation: knows where a trial must be validated to be pruned.
        models: folder for trained models; None to keep none.
    """

    def __init__(
        self, plan: Plan, session: Session, checkpoints: Checkpoints, evaluation: Evaluation, models: Path | None
    ) -> None:
        """Nothing runs."""
        self._plan, self._session, self._checkpoints, self._models = plan, session, checkpoints, models
        self._evaluation = evaluation
        self._running: dict[str, Attempt] = {}
        self._members = Counter[int]()
        self._left = 0

    def __len__(self) -> int:
        return len(self._running)

    @property
    def free_workers(self) -> int:
        """How many more groups could start at once."""
        return self._session.pool.free_workers

    @property
    def left(self) -> float:
        """Trials that are still to be trained, each counted by the fraction of its steps that it has before it."""
        return self._left / PARTS

    def submit(self, group: Group) -> None:
        """Hand a group to the workers."""
        for attempt in group.attempts:
            if attempt.key in self._running:  # or it would be counted twice
                self.take_back(attempt.key)
            attempt.group = group.number
            self._running[attempt.key] = attempt
            self._members[group.number] += 1
            self._left += exact(1.0 - attempt.done)
        alone = len(group.attempts) == 1
        specs = group.specs([self._spec(attempt, alone=alone) for attempt in group.attempts])
        self._session.pool.submit(specs, self._session.files)
        self._session.observe(Began({attempt.key: attempt.overrides for attempt in group.attempts}))

    def get(self, key: str) -> Attempt | None:
        """The trial of that key; None where it does not run: it was given up, or taken over."""
        return self._running.get(key)

    def known(self, keys: Sequence[str]) -> list[str]:
        """Those that run; beside what goes on from a checkpoint may be trained what has ended."""
        return [key for key in keys if key in self._running]

    def stop(self, attempt: Attempt) -> None:
        """Ask a trial's worker to stop it."""
        attempt.stopping = True
        self._session.pool.stop(attempt.key)

    def take_back(self, key: str) -> Attempt:
        """Take a trial back that has ended, or whose worker was lost."""
        attempt = self._running.pop(key)
        self._members[attempt.group] -= 1
        self._left -= exact(1.0 - attempt.done)
        return attempt

    def advance(self, attempt: Attempt, done: float) -> None:
        """A trial that runs has trained that fraction of its steps."""
        self._left += exact(1.0 - done) - exact(1.0 - attempt.done)
        attempt.done = done

    def fetched(self, result: TrialResult) -> TrialResult:
        """A result with its models where they can be read here."""
        return replace(result, models=tuple(str(self._session.files.fetch(name)) for name in result.models))

    def close(self, group: int) -> None:
        """Forget a group's checkpoint once that none of its trials runs any more."""
        if not self._members[group]:
            del self._members[group]
            self._checkpoints.forget(group)

    def drain(self) -> list[Attempt]:
        """Stop everything, and take it back."""
        for key in self._running:
            self._session.pool.stop(key)
        found = list(self._running.values())
        self._running.clear()
        self._members.clear()
        self._left = 0
        return found

    def _spec(self, attempt: Attempt, *, alone: bool) -> TrialSpec:
        digest = str(self._plan.data.get("digest", ""))
        models = "" if self._models is None else self._name(self._models / str(attempt.number))
        checkpoint = self._name(self._checkpoints.path(attempt.group))
        asked = attempt.spec(digest, models)
        marks = self._evaluation.marks(attempt)
        size = train_size(self._plan)
        graph = graph_until(attempt.drawn.config, marks, size) if alone and attempt.drawn else 0
        spec = replace(asked, marks=marks, graph_until=graph, metrics=self._evaluation.metrics)
        by = OBJECTIVES[self._plan.objective]
        return replace(
            spec,
            checkpoint=checkpoint,
            checkpoint_every=self._plan.checkpoint_every,
            objective=by.name,
            maximize=by.maximize,
            sealed=str(self._plan.data.get(SEALED, "")),
        )

    def _name(self, path: Path) -> str:
        return self._session.files.name(path.absolute())


def graph_until(config: Config, marks: Sequence[int], examples: int) -> int:
    """Steps of a trial that trains alone which are not worth XLA's compiling.

    Its program is ready after 1.5 to 2.5 s of a processor, where a graph that serves all widths is there already; a
    step takes 1.2 to 1.5 times as long as a graph, 0.1 to 0.3 ms more with widths up to 250. Of others, which each
    structure has to trace and whose steps take twice as long, most are stopped at the first two marks, or a call of the
    loop later, when the driver has answered.

    Args:
        config: the trial's.
        marks: where it may be stopped; nowhere, and XLA has it from the beginning.
        examples: of the training split.
    """
    if not marks:
        return 0
    steps = total_steps(config, examples)
    if steps * config.repeats <= XLA_PAYS and serves_all_widths(config.optimizer, l1=config.l1 > 0):
        return steps
    return marks[:2][-1] + LATE


class Recovery:
    """Runs a lost worker's trials again, but for one that has cost too many workers.

    Args:
        evaluation: ends a trial that may not try again.
        queue: takes those that may.
        dispatch: has them.
        checkpoints: that they may go on from.
        notes: what a person should see.
    """

    def __init__(
        self, evaluation: Evaluation, queue: Queue, dispatch: Dispatch, checkpoints: Checkpoints, notes: Notes
    ) -> None:
        self._evaluation, self._queue, self._dispatch = evaluation, queue, dispatch
        self._checkpoints, self._notes = checkpoints, notes

    def lose(self, lost: WorkerLost) -> None:
        """Queue the trials of a lost worker again.

        Where somebody else killed it, they go on from their checkpoint, if there is one, or begin again; else alone.
        """
        keys = self._dispatch.known(lost.keys)
        self._notes.say(f"a worker was lost ({lost.reason}); its trials are run again: {', '.join(keys)}")
        again = [attempt for key in keys if self._may_go_on(attempt := self._dispatch.take_back(key), lost)]
        suspect = any(attempt.losses.suspect for attempt in again)
        if suspect:
            self._checkpoints.forget(again[0].group)
        resumed = set() if suspect else self._queue.resume(again)
        for attempt in again:
            attempt.stopping = False
            if attempt.key not in resumed:
                attempt.done = 0.0
                self._queue.add(attempt)

    def _may_go_on(self, attempt: Attempt, lost: WorkerLost) -> bool:
        """Keep that a trial has cost a worker; whether it may try again."""
        self._evaluation.attempts.note_loss(attempt, lost)
        fatal = attempt.losses.fatal
        if fatal:
            self._notes.say(f"trial {attempt.number} is set aside: it {fatal.message}")
            self._evaluation.fail(attempt, fatal)
        return fatal is None
