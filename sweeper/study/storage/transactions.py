"""The transactions in which a driver's trials are read and written, each tried again while the database is away.

Like Optuna's own cache they reach into ``RDBStorage`` and its models; Optuna is pinned to one major version for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.storages._rdb.storage import _create_scoped_session
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.storage.patience import Patience
from sweeper.study.storage.write_buffer import WriteBuffer


class Transactions:
    """Transactions on the trials of a storage.

    Args:
        backend: the storage.
        patience: with a database that is away.
    """

    def __init__(self, backend: RDBStorage, patience: Patience) -> None:
        """Nothing is read yet."""
        self._backend, self._patience = backend, patience

    def ids_beyond(self, study_id: int, last: int) -> list[int]:
        """The trials of a study that are newer than `last`; a query that costs next to nothing."""

        def act() -> list[int]:
            with _create_scoped_session(self._backend.scoped_session) as session:
                ids = session.query(models.TrialModel.trial_id).filter(
                    models.TrialModel.study_id == study_id, models.TrialModel.trial_id > last
                )
                return [int(row[0]) for row in ids]

        return self._patience.call(act)

    def read(self, study_id: int, trial_ids: set[int], newest: int) -> list[FrozenTrial]:
        """Some trials of a study, and those that are newer than `newest`."""
        return self._patience.call(lambda: self._backend._get_trials(study_id, None, trial_ids, newest))  # noqa: SLF001

    def create(self, study_id: int, template: FrozenTrial | None) -> FrozenTrial:
        """A new trial. Where the connection breaks as it is created, there may be another one like it."""
        return self._patience.call(lambda: self._backend._create_new_trial(study_id, template))  # noqa: SLF001

    def claim(self, trial_id: int, key: str, was: str, now: str) -> bool:
        """Make `now` the owner of a trial that waits, or that runs and belongs to `was`; whether it is."""

        def act() -> bool:
            with _create_scoped_session(self._backend.scoped_session) as session:
                row: Any = models.TrialModel.find_or_raise_by_id(trial_id, session, for_update=True)
                owner: Any = models.TrialUserAttributeModel.find_by_trial_and_key(row, key, session)
                running = row.state == TrialState.RUNNING
                free = row.state == TrialState.WAITING or (running and json.loads(owner.value_json) in {was, now})
                if free:
                    row.state = TrialState.RUNNING
                    owner.value_json = json.dumps(now)
            return bool(free)

        return self._patience.call(act)

    def release(self, trial_ids: Sequence[int]) -> None:
        """Put trials back into the queue, all at once, but for those that have ended."""

        def act() -> None:
            with _create_scoped_session(self._backend.scoped_session) as session:
                for trial_id in trial_ids:
                    row: Any = models.TrialModel.find_or_raise_by_id(trial_id, session, for_update=True)
                    if row.state == TrialState.RUNNING:
                        row.state = TrialState.WAITING

        self._patience.call(act)

    def write(
        self,
        trial_id: int,
        unsaved: WriteBuffer,
        state: TrialState | None = None,
        values: Sequence[float] | None = None,
    ) -> None:
        """Write a trial's changes and, with a `state`, its end.

        Raises:
            UpdateFinishedTrialError: it has ended already, and not by this.
        """
        attempts = 0

        def act() -> None:
            nonlocal attempts
            attempts += 1
            with _create_scoped_session(self._backend.scoped_session) as session:
                row: Any = models.TrialModel.find_or_raise_by_id(trial_id, session, for_update=True)
                # Whether the last attempt came through is not known where the connection broke as it was committed.
                if attempts > 1 and row.state == state and _holds(row, unsaved, session):
                    return
                self._backend.check_trial_is_updatable(trial_id, row.state)
                self._add(trial_id, unsaved, session)
                if state is not None:
                    self._end(row, state, values, session)

        self._patience.call(act)

    def _add(self, trial_id: int, unsaved: WriteBuffer, session: Any) -> None:
        session.add_all(unsaved.rows(trial_id))
        for kind, changed in (
            (models.TrialUserAttributeModel, unsaved.user),
            (models.TrialSystemAttributeModel, unsaved.system),
        ):
            for key, value in changed.items():
                self._backend._set_trial_attr_without_commit(session, kind, trial_id, key, value)  # noqa: SLF001

    def _end(self, row: Any, state: TrialState, values: Sequence[float] | None, session: Any) -> None:
        for objective, value in enumerate(values or ()):
            self._backend._set_trial_value_without_commit(session, row, objective, value)  # noqa: SLF001
        row.state = state
        row.datetime_complete = datetime.now()  # noqa: DTZ005 - Optuna's own columns are in local time


def _holds(row: Any, unsaved: WriteBuffer, session: Any) -> bool:
    """Whether a trial has all of these attributes."""
    for key, value in unsaved.user.items():
        found: Any = models.TrialUserAttributeModel.find_by_trial_and_key(row, key, session)
        if found is None or json.loads(found.value_json) != json.loads(json.dumps(value)):
            return False
    return True
