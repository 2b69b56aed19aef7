"""Optuna's storage with the study in memory: a trial is written when it begins and when it ends, each in one step.

Optuna's RDB storage commits every parameter, attribute and report by itself. Here the trials that this driver runs are
changed in memory, where samplers and pruners read them, and written in one transaction by ``save`` and by
``set_trial_state_values``. This replaces Optuna's (private) cache; tests/study/test_cached.py holds it to Optuna's own
behaviour.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage, RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.storage.statements import WriteBuffer
from sweeper.study.storage.transactions import Change, Patience, Transactions

RESULT = "result"
"""The attribute with a trial's record. It is written and not kept in memory, which stays small for it."""

_AT_ONCE = 200
"""Trials that are read at once."""


def _waited(name: str) -> Callable[..., Any]:
    """A method of Optuna's storage that is left to the backend, which is waited for while it is away."""

    def method(storage: DelegatingStorage, *arguments: Any, **named: Any) -> Any:
        return storage.patience.call(partial(getattr(storage.backend, name), **named), *arguments)

    return method


class DelegatingStorage(BaseStorage):
    """What is left to another storage, read and written seldom; a database that is away is waited for.

    Args:
        backend: the other one.

    Attributes:
        patience: with the other one.
    """

    def __init__(self, backend: RDBStorage) -> None:
        """Nothing is read yet."""
        self.backend = backend
        self.patience = Patience()
        self._transactions = Transactions(backend, self.patience)
        self._directions: dict[int, list[StudyDirection]] = {}

    create_new_study = _waited("create_new_study")
    set_study_user_attr = _waited("set_study_user_attr")
    set_study_system_attr = _waited("set_study_system_attr")
    get_study_id_from_name = _waited("get_study_id_from_name")
    get_study_name_from_id = _waited("get_study_name_from_id")
    get_study_user_attrs = _waited("get_study_user_attrs")
    get_study_system_attrs = _waited("get_study_system_attrs")
    get_all_studies = _waited("get_all_studies")

    def close(self) -> None:
        """Let go of the database."""
        self.backend.scoped_session.remove()
        self.backend.engine.dispose()

    def delete_study(self, study_id: int) -> None:
        """Delete a study."""
        self.backend.delete_study(study_id)

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """What is made larger, and what smaller; read once."""
        if study_id not in self._directions:
            self._directions[study_id] = self.patience.call(self.backend.get_study_directions, study_id)
        return self._directions[study_id]

    def change_study_user_attr(self, study_id: int, key: str, change: Change) -> Any:
        """Make of an attribute of a study what `change` makes of it, while no other driver does; what it is then.

        Args:
            study_id: of the study.
            key: of the attribute.
            change: is given the value, None where there is none, and may be called again; None changes nothing.
        """
        return self._transactions.change(study_id, key, change)

    def read(self, trial_id: int) -> FrozenTrial:
        """A trial as it is stored, with everything."""
        return self.patience.call(self.backend.get_trial, trial_id)


class CachedStorage(DelegatingStorage):
    """One study's storage, for one driver in one thread.

    Args:
        backend: where everything is kept.

    Attributes:
        forgetful: neither sampler nor pruner reads trials that have ended, so they need not stay in memory.
        unsaved: the changes of each trial that is under way in this driver, by trial id.
    """

    def __init__(self, backend: RDBStorage) -> None:
        """Nothing is read yet."""
        super().__init__(backend)
        self.forgetful = False
        self._forgot = False
        self._study_id = -1
        self._trials: dict[int, FrozenTrial] = {}
        self._in_order: list[FrozenTrial] | None = None
        self._numbers: dict[int, int] = {}
        self.unsaved: dict[int, WriteBuffer] = {}
        self._unfinished: set[int] = set()
        self._seen = -1

    def refresh(self, study_id: int, new: Sequence[int] | None = None) -> list[FrozenTrial]:
        """Read what other drivers have written: their `new` trials, by id, and those that were under way."""
        self._study_id = study_id
        new = self._transactions.ids_beyond(study_id, self._seen) if new is None else new
        wanted = {trial_id for trial_id in new if trial_id not in self._numbers} | (
            self._unfinished - set(self.unsaved)
        )
        self._seen = max(new, default=self._seen)
        read = self._transactions.read(study_id, wanted, self._seen) if wanted else []
        for trial in read:
            self._take(trial)
        return read

    def reload(self, trial_id: int) -> FrozenTrial:
        """Read one trial afresh, such as an own one that somebody else has ended."""
        self._take(self.read(trial_id))
        return self.get_trial(trial_id)

    def let_go(self, trials: Iterable[FrozenTrial]) -> None:
        """Forget those of some trials that nobody reads any more; they are read again where all are asked for."""
        if not self.forgetful:
            return
        for trial in trials:
            if trial.state.is_finished() and self._trials.pop(trial.number, None) is not None:
                del self._numbers[trial._trial_id]  # noqa: SLF001
                self._forgot, self._in_order = True, None

    def save(self, trial_id: int) -> None:
        """Write an own trial's changes in one transaction."""
        self._transactions.write(trial_id, self.unsaved[trial_id])
        self.unsaved[trial_id] = WriteBuffer()

    def claim(self, trial_id: int, key: str, was: str, now: str) -> bool:
        """Own a trial that another driver began; False where it has ended, or somebody else was faster.

        Args:
            trial_id: the trial.
            key: of the attribute that says whose it is.
            was: what that attribute must be, unless the trial was released.
            now: what it shall be.
        """
        free = self._transactions.claim(trial_id, key, was, now)
        self.start_over(trial_id)
        if not free:
            del self.unsaved[trial_id]
        return free

    def start_over(self, trial_id: int) -> None:
        """Forget an own trial's changes that are not written, and read what is."""
        self.unsaved.pop(trial_id, None)
        self.reload(trial_id)
        self.unsaved[trial_id] = WriteBuffer()

    def release(self, trial_ids: Sequence[int]) -> None:
        """Put own trials back into the queue, all at once, but for those that somebody else has ended."""
        self._transactions.release(trial_ids)
        for trial_id in trial_ids:
            self.unsaved.pop(trial_id, None)
            self._unfinished.add(trial_id)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial that this driver owns from now on."""
        return self.begin(study_id, template_trial)[0]

    def begin(self, study_id: int, template: FrozenTrial | None) -> tuple[int, list[FrozenTrial]]:
        """Create a trial that this driver owns from now on; its id, and what ``refresh`` would read before it."""
        trial, older = self._transactions.create(study_id, template, self._seen)
        self._take(trial)
        if not trial.state.is_finished():
            self.unsaved[trial._trial_id] = WriteBuffer()  # noqa: SLF001
        return trial._trial_id, self.refresh(study_id, [*older, trial._trial_id])  # noqa: SLF001

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        """Keep a change in memory until the trial is saved."""
        trial = _own(self, trial_id)
        trial.distributions[param_name] = distribution
        trial.params[param_name] = distribution.to_external_repr(param_value_internal)
        self.unsaved[trial_id].params[param_name] = (param_value_internal, distribution)

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        """Keep a report in memory until the trial ends."""
        _own(self, trial_id).intermediate_values[step] = intermediate_value
        self.unsaved[trial_id].steps[step] = intermediate_value

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Keep an attribute in memory until the trial is saved; another driver's trial is written at once."""
        if trial_id not in self.unsaved:
            self.patience.call(self.backend.set_trial_user_attr, trial_id, key, value)
        else:
            self.unsaved[trial_id].user[key] = value
        self.get_trial(trial_id).user_attrs[key] = value

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Keep a change in memory until the trial is saved."""
        _own(self, trial_id).system_attrs[key] = value
        self.unsaved[trial_id].system[key] = value

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Write the trial's end, with everything that is not saved yet.

        Raises:
            UpdateFinishedTrialError: somebody else has ended it already; theirs holds.
        """
        if trial_id not in self.unsaved:
            changed = self.backend.set_trial_state_values(trial_id, state, values)
            self.reload(trial_id)
            return changed
        self._transactions.write(trial_id, self.unsaved[trial_id], state, values)
        trial = self.get_trial(trial_id)
        trial.state = state
        trial.values = list(values) if values is not None else None
        trial.datetime_complete = datetime.now()  # noqa: DTZ005 - as Optuna does
        trial.user_attrs.pop(RESULT, None)
        del self.unsaved[trial_id]
        self._unfinished.discard(trial_id)
        return True

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """The trial itself, not a copy."""
        number = self._numbers.get(trial_id)
        return self.read(trial_id) if number is None else self._trials[number]

    def get_trial_by_number(self, number: int) -> FrozenTrial | None:
        """The trial itself; None where there is none of that number."""
        if number not in self._trials:
            self._recall()
        return self._trials.get(number)

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """All trials by number, as of the last ``refresh``."""
        assert study_id == self._study_id
        self._recall()
        if self._in_order is None:
            self._in_order = [trial for _, trial in sorted(self._trials.items())]
        trials = [trial for trial in self._in_order if states is None or trial.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def _take(self, trial: FrozenTrial) -> None:
        """Put a trial that was read into memory; an own one is newer there, unless somebody has ended it."""
        trial_id = trial._trial_id  # noqa: SLF001
        finished = trial.state.is_finished()
        if trial_id in self.unsaved and not finished:
            return
        trial.user_attrs.pop(RESULT, None)
        self._in_order = None
        self._trials[trial.number] = trial
        self._numbers[trial_id] = trial.number
        if finished:
            self.unsaved.pop(trial_id, None)
            self._unfinished.discard(trial_id)
        else:
            self._unfinished.add(trial_id)

    def _recall(self) -> None:
        """Read again what was let go of, some at a time: the records that come with them are large."""
        if not self._forgot:
            return
        seen = [trial_id for trial_id in self._transactions.ids_beyond(self._study_id, -1) if trial_id <= self._seen]
        forgotten = [trial_id for trial_id in seen if trial_id not in self._numbers]
        for first in range(0, len(forgotten), _AT_ONCE):
            some = set(forgotten[first : first + _AT_ONCE])
            for trial in self._transactions.read(self._study_id, some, self._seen):
                if trial._trial_id in some:  # noqa: SLF001 - newer ones come along, which are for ``refresh``
                    self._take(trial)
        self._forgot = False


def _own(store: CachedStorage, trial_id: int) -> FrozenTrial:
    trial = store.get_trial(trial_id)
    store.check_trial_is_updatable(trial_id, trial.state)
    return trial
