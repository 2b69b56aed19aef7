"""The slots of a sweep, what has become of each, and the attempts at them: begun, taken over, ended once.

A sweep of N trials is N slots, numbered from 0. A slot is filled by an attempt, which is an Optuna trial that says who
runs it; an attempt whose driver died, or was interrupted, changes hands and keeps its values. A slot whose attempt
failed stays failed, and opens one more slot at the end. So a sweep that is interrupted however often ends with exactly
N finished or pruned trials, and what a slot is seeded with never depends on how often that was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy.exc import IntegrityError

from sweeper.checkpoint import same
from sweeper.errors import SweeperError
from sweeper.study.attempt import Attempt, Losses
from sweeper.study.converters import DRIVER, FIRST_NAME, SAME_AS, SLOT, STATES, VOID, read_trial, to_text, to_trial
from sweeper.study.search.source import SlotSource
from sweeper.study.storage.cached import RESULT, CachedStorage
from sweeper.trial import Failure, Trial, TrialStatus
from sweeper.workers.base import WorkerLost


@dataclass
class Slots:
    """What is known of a study's slots; fed with its trials.

    Attributes:
        finished, pruned, failed: numbers of the attempts that ended so.
        repeated: of the finished and pruned ones, those that took the result of an earlier one.
        points: an attempt that finished or was pruned, as the storage knows it, by the ``point`` of its values.
        open: attempts that have not ended, by number.
    """

    finished: set[int] = field(default_factory=set)
    pruned: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    points: dict[int, int] = field(default_factory=dict)
    open: dict[int, FrozenTrial] = field(default_factory=dict)
    _owners: dict[int, int] = field(default_factory=dict)
    _floor: int = 0

    def update(self, trials: Iterable[FrozenTrial]) -> None:
        """Take in trials, all or those that changed; other programs' are not ours to count."""
        for trial in trials:
            if SLOT not in trial.user_attrs:
                continue
            if not trial.state.is_finished():
                self._own(trial)
                self.open[trial.number] = trial
            elif VOID in trial.user_attrs:
                self.open.pop(trial.number, None)
            else:
                self._own(trial)
                self._settle(trial)

    def open_slot(self, slots: int) -> int | None:
        """The first slot below `slots` that has no attempt."""
        while self._floor in self._owners:
            self._floor += 1
        return next((slot for slot in range(self._floor, slots) if slot not in self._owners), None)

    def wanted(self, trials: int, limit: int | None) -> int:
        """How many slots a sweep has: those asked for, and one more for each that failed, up to as many again.

        Args:
            trials: that are asked for.
            limit: how many there can be; None for any number, and then failures are made up for.
        """
        return min(trials, limit) if limit is not None else trials + min(len(self.failed), trials)

    def filled(self, slots: int) -> bool:
        """Whether every slot below `slots` has an attempt that has ended."""
        return self.open_slot(slots) is None and not self.open_below(slots)

    def open_below(self, slots: int) -> list[FrozenTrial]:
        """The attempts under way at slots below `slots`, by number."""
        return [trial for _, trial in sorted(self.open.items()) if trial.user_attrs[SLOT] < slots]

    def owns(self, trial: FrozenTrial) -> bool:
        """Whether an attempt has its slot: the first one of all has, whoever asked for it."""
        return self._owners[trial.user_attrs[SLOT]] == trial.number

    def _own(self, trial: FrozenTrial) -> None:
        slot = trial.user_attrs[SLOT]
        self._owners[slot] = min(trial.number, self._owners.get(slot, trial.number))

    def _settle(self, trial: FrozenTrial) -> None:
        self.open.pop(trial.number, None)
        kind = {TrialState.COMPLETE: self.finished, TrialState.PRUNED: self.pruned}.get(trial.state, self.failed)
        kind.add(trial.number)
        if SAME_AS in trial.user_attrs:
            self.repeated.add(trial.number)
        elif kind is not self.failed:
            self.points.setdefault(point(trial), trial._trial_id)  # noqa: SLF001


def point(trial: FrozenTrial) -> int:
    """Equal for trials of equal values, a rounding apart; who finds one compares configurations, too."""
    values = sorted(trial.params.items())
    return hash(tuple((name, f"{value:.12g}" if isinstance(value, float) else value) for name, value in values))


LOSSES = "losses"
"""The attribute with the workers that an attempt has cost."""


class Attempts:
    """Begins and ends one driver's attempts in a study.

    Args:
        study: with a ``Store``.
        source: what fills the slots.
        driver: the id of the driver's lease.
    """

    def __init__(self, study: optuna.Study, source: SlotSource, driver: str) -> None:
        """Reads what is there."""
        self._study = study
        self._source = source
        self._driver = driver
        # Checkpoints know a trial by its key, whatever the study is called since.
        self._keyed = self.store.get_study_user_attrs(study._study_id).get(FIRST_NAME, study.study_name)  # noqa: SLF001
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
        self._take_in(self.store.refresh(self._study._study_id))  # noqa: SLF001

    def _take_in(self, read: Sequence[FrozenTrial]) -> None:
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
            attempt.over = True
            return False
        for name, violation in missed.items():
            attempt.trial.set_constraint(name, violation)
        self.store.set_trial_user_attr(attempt.trial._trial_id, RESULT, to_text(trial))  # noqa: SLF001
        if trial.same_as is not None:
            self.store.set_trial_user_attr(attempt.trial._trial_id, SAME_AS, trial.same_as)  # noqa: SLF001
        scored = values if trial.state == TrialStatus.FINISHED else None
        attempt.over = True
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
        trial_id, read = self.store.begin(self._study._study_id, template)  # noqa: SLF001
        trial = self.store.get_trial(trial_id)
        self._take_in(read)
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
        attempt = Attempt(trial, trial.user_attrs[SLOT], f"{self._keyed}/{trial.number}", time.time())
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
