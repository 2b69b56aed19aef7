"""Attempts at slots, as Optuna trials that say who runs them: begun, taken over from dead drivers, ended once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy.exc import IntegrityError

from sweeper.checkpoint import same
from sweeper.config.history import SCHEMA
from sweeper.errors import SweeperError
from sweeper.study.converters import STATES, read_trial, to_text, to_trial
from sweeper.study.failures import Losses
from sweeper.study.search.source import Drawn, Source
from sweeper.study.slots import DRIVER, SAME_AS, SLOT, VOID, Slots, point
from sweeper.study.storage.cached import RESULT, CachedStorage
from sweeper.trial import EpochReport, Failure, Trial, TrialResult, TrialSpec, TrialStatus, WorkerLost

LOSSES = "losses"
"""The attribute with the workers that an attempt has cost."""


@dataclass(eq=False)
class Attempt:
    """One trial under way.

    Attributes:
        drawn: its configuration; None where the values that were drawn make none, as `failure` says.
        key: names it in specs and events.
        began: seconds since the epoch.
        history: its validations so far.
        losses: the workers that it has cost.
        group: number of the group that it was submitted with; 0 while it waits.
        done: the fraction of its steps that it has done.
        stopping: it was asked to stop, by the pruner.
        weight: what it counts of a group's limit.
        same_as: the earlier trial whose result it takes.
    """

    trial: optuna.Trial
    slot: int
    key: str
    began: float
    drawn: Drawn | None = None
    failure: Failure | None = None
    history: list[EpochReport] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    group: int = 0
    done: float = 0.0
    stopping: bool = False
    weight: float = 1.0
    same_as: int | None = None

    @property
    def number(self) -> int:
        """The number of the trial in the study."""
        return self.trial.number

    @property
    def frozen(self) -> FrozenTrial:
        """The trial as the store has it."""
        return self.trial.study._storage.get_trial(self.trial._trial_id)  # noqa: SLF001

    @property
    def members(self) -> int:
        """How many members (repeats) it has; 1 where its values make no configuration."""
        return self.drawn.config.repeats if self.drawn else 1

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides that make its configuration."""
        return self.drawn.overrides if self.drawn else ()

    @property
    def values(self) -> Mapping[str, Any]:
        """What was drawn."""
        return self.drawn.values if self.drawn else self.trial.params

    @property
    def has_ended(self) -> bool:
        """Whether it has become a trial, by whatever driver."""
        return self.frozen.state.is_finished()

    def ended(
        self, state: TrialStatus, score: float | None, result: TrialResult | None, failure: Failure | None
    ) -> Trial:
        """The trial that it has become, as of now."""
        return Trial(
            self.number,
            state,
            score,
            dict(self.values),
            self.overrides,
            result,
            self.began,
            time.time(),
            failure,
            self.drawn.config.to_dict() if self.drawn else {},
            tuple(self.history),
            SCHEMA,
            self.same_as,
        )

    def spec(self, digest: str, model_dir: str) -> TrialSpec:
        """For a worker."""
        assert self.drawn is not None
        return TrialSpec(self.key, self.drawn.config.to_dict(), digest, model_dir)


class Attempts:
    """Begins and ends one driver's attempts in a study.

    Args:
        study: with a ``Store``.
        source: what fills the slots.
        driver: the id of the driver's lease.
    """

    def __init__(self, study: optuna.Study, source: Source, driver: str) -> None:
        """Reads what is there."""
        self._study = study
        self._source = source
        self._driver = driver
        self.slots = Slots()
        self.refresh()
        self.slots.update(study.get_trials(deepcopy=False))

    @property
    def store(self) -> CachedStorage:
        """The study's."""
        store = self._study._storage  # noqa: SLF001
        assert isinstance(store, CachedStorage)
        return store

    def refresh(self) -> None:
        """Read what other drivers have done."""
        read = self.store.refresh(self._study._study_id)  # noqa: SLF001
        self.slots.update(read)
        self.store.let_go(read)

    def begin(self, slots: int) -> Attempt | None:
        """Claim the first open slot below `slots` and fill it; None where there is none."""
        while (slot := self.slots.open_slot(slots)) is not None:
            trial_id = self._claim(slot)
            if trial_id is not None and (attempt := self._fill(trial_id)):
                return attempt
        return None

    def take_over(self, alive: Callable[[str], bool], slots: int) -> list[Attempt]:
        """Go on with the attempts below `slots` that were released, and with those of drivers that are dead."""
        taken = []
        for trial in self.slots.open_below(slots):
            driver = trial.user_attrs.get(DRIVER, "")
            # The connection may have broken as one was created, and another one was created in its place.
            forgotten = driver == self._driver and trial._trial_id not in self.store.unsaved  # noqa: SLF001
            if trial.state != TrialState.WAITING and alive(driver) and not forgotten:
                continue
            claimed = self.store.claim(trial._trial_id, DRIVER, driver, self._driver)  # noqa: SLF001
            if claimed and (attempt := self._fill(trial._trial_id)):  # noqa: SLF001
                taken.append(attempt)
            self.slots.update([self.store.get_trial(trial._trial_id)])  # noqa: SLF001
        return taken

    def ended_at(self, key: str) -> int | None:
        """The step that a trial was stopped at; 0 if it ended in another way, None if it has not ended."""
        number = int(key.rpartition("/")[2])
        trial = self.store.get_trial_by_number(number)
        if trial is None or not trial.state.is_finished():
            return None
        result = read_trial(self.store, trial).result
        return result.steps if result and result.status == TrialStatus.PRUNED else 0

    def equal(self, attempt: Attempt) -> Trial | None:
        """A trial with an attempt's configuration that finished or was pruned; None where there is none."""
        trial_id = self.slots.points.get(point(attempt.frozen))
        if trial_id is None or attempt.drawn is None:
            return None
        trial = to_trial(self.store.read(trial_id))
        return trial if same(trial.config, attempt.drawn.config.to_dict()) and trial.result else None

    def release(self, attempts: Iterable[Attempt]) -> None:
        """Let go of attempts, in one write: the next driver, or this one, goes on with them."""
        self.store.release([attempt.trial._trial_id for attempt in attempts])  # noqa: SLF001

    def note_loss(self, attempt: Attempt, lost: WorkerLost) -> None:
        """Keep that an attempt has cost a worker."""
        attempt.losses.add(lost)
        self.store.set_trial_user_attr(attempt.trial._trial_id, LOSSES, attempt.losses.to_json())  # noqa: SLF001
        with suppress(UpdateFinishedTrialError):
            self.store.save(attempt.trial._trial_id)  # noqa: SLF001

    def end(self, attempt: Attempt, trial: Trial, values: Sequence[float], missed: Mapping[str, float]) -> bool:
        """End an attempt, in one write; False where another driver had ended it, whose word then holds.

        Args:
            attempt: that ended.
            trial: what it has become.
            values: of each objective, if it finished.
            missed: by how much it misses each constraint.
        """
        if attempt.frozen.state.is_finished():
            return False
        for name, violation in missed.items():
            attempt.trial.set_constraint(name, violation)
        self.store.set_trial_user_attr(attempt.trial._trial_id, RESULT, to_text(trial))  # noqa: SLF001
        if trial.same_as is not None:
            self.store.set_trial_user_attr(attempt.trial._trial_id, SAME_AS, trial.same_as)  # noqa: SLF001
        scored = values if trial.state == TrialStatus.FINISHED else None
        try:
            self._study.tell(attempt.trial, scored, STATES[trial.state])
        except UpdateFinishedTrialError:
            self.slots.update([self.store.reload(attempt.trial._trial_id)])  # noqa: SLF001
            return False
        self.slots.update([attempt.frozen])
        self.store.let_go([attempt.frozen])
        return True

    def _claim(self, slot: int) -> int | None:
        """Create an attempt at a slot; None where another driver was faster."""
        self._study._thread_local.cached_all_trials = None  # noqa: SLF001 - as Study.ask does
        template = create_trial(
            state=TrialState.RUNNING,
            user_attrs={SLOT: slot, DRIVER: self._driver},
            system_attrs=self._source.template(slot),
        )
        trial_id = self.store.create_new_trial(self._study._study_id, template)  # noqa: SLF001
        trial = self.store.get_trial(trial_id)
        self.refresh()
        self.slots.update([trial])
        if self.slots.owns(trial):
            return trial_id
        self.store.set_trial_user_attr(trial_id, VOID, True)
        self.store.set_trial_state_values(trial_id, TrialState.FAIL)
        self.slots.update([self.store.get_trial(trial_id)])
        return None

    def _fill(self, trial_id: int) -> Attempt | None:
        """Draw what an attempt has no values for yet: all of them or, where it changed hands, none.

        None where a driver that was taken for dead has ended it meanwhile: its word holds.
        """
        trial = optuna.Trial(self._study, trial_id)
        attempt = Attempt(trial, trial.user_attrs[SLOT], f"{self._study.study_name}/{trial.number}", time.time())
        attempt.losses = Losses(**trial.user_attrs.get(LOSSES, {}))
        try:
            attempt.drawn = self._source.draw(trial, attempt.slot)
        except SweeperError as error:
            attempt.failure = Failure(type(error).__name__, error.message)
        try:
            self.store.save(trial_id)
        except UpdateFinishedTrialError:
            self.slots.update([self.store.reload(trial_id)])
            return None
        except IntegrityError:
            # A driver that takes this one for dead has filled it at the same moment: its values hold.
            self.store.start_over(trial_id)
            return self._fill(trial_id)
        return attempt
