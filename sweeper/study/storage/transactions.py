"""The transactions in which a driver's trials are read and written, each tried again while the database is away.

A server restarts, breaks a connection off, or takes none. Like Optuna's own cache the transactions reach into
``RDBStorage`` and its models; Optuna is pinned to one major version for it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import optuna
import sqlalchemy.exc
from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.storages._rdb.storage import _create_scoped_session
from optuna.trial import FrozenTrial, TrialState

from sweeper.system.signals import listening

Made = TypeVar("Made")

PATIENCE = 600.0
"""Seconds to wait for a database that is away, or that somebody else has locked."""

_PAUSE = 0.5
"""Seconds between two attempts."""

_PASSING = ("08", "40", "57P", "53300")
"""Beginnings of the SQLSTATE of errors that pass: connections, deadlocks, a server that ends or starts, its limit."""

STORAGE_ERRORS = (optuna.exceptions.StorageInternalError, sqlalchemy.exc.SQLAlchemyError, sqlite3.Error)
"""What a database says when it cannot go on."""


@dataclass
class Patience:
    """Does something in a database, again and again while that is away.

    Attributes:
        say: is called with a line for a person, once each time that it is away.
    """

    say: Callable[[str], None] = lambda _: None

    def call(self, act: Callable[..., Made], *arguments: Any) -> Made:
        """Do it until it is done. `act` is one transaction that may be done twice; it is given the arguments.

        Raises:
            STORAGE_ERRORS: another error, or the database was away for `PATIENCE` seconds, or somebody has asked this
                process to end.
        """
        limit, said = time.monotonic() + PATIENCE, False
        while True:
            try:
                return act(*arguments)
            except STORAGE_ERRORS as error:
                if not is_away(error) or time.monotonic() > limit or _asked_to_end():
                    raise
                if not said:
                    self.say("the study's database does not answer; waiting for it")
                said = True
                time.sleep(_PAUSE)


def is_away(error: BaseException) -> bool:
    """Whether an error says that a database's server is not there now, and may be again."""
    return any(_passes(cause) for cause in _causes(error))


def _passes(error: BaseException) -> bool:
    kinds = (sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError, sqlalchemy.exc.InternalError)
    if not isinstance(error, sqlalchemy.exc.DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    state = getattr(error.orig, "sqlstate", None)
    passes = state is None or str(state).startswith(_PASSING)
    return error.connection_invalidated or (isinstance(error, kinds) and passes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        # Where Optuna tries something else in the same session, that fails because of the first error, not from it.
        cause = cause.__cause__ or cause.__context__


def _asked_to_end() -> bool:
    interrupts = listening()
    return interrupts is not None and bool(interrupts.caught)


@dataclass
class WriteBuffer:
    """The unsaved changes of one trial.

    Attributes:
        params: as Optuna keeps them inside, with their distributions.
        user, system: attributes.
        steps: reports.
    """

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)

    def rows(self, trial_id: int) -> list[Any]:
        """Parameters and reports: written once and never changed, what is there need not be read."""
        return [
            *(_param(trial_id, name, value, kind) for name, (value, kind) in self.params.items()),
            *(_report(trial_id, step, value) for step, value in self.steps.items()),
        ]


def _param(trial_id: int, name: str, value: float, kind: BaseDistribution) -> models.TrialParamModel:
    text = distribution_to_json(kind)
    return models.TrialParamModel(trial_id=trial_id, param_name=name, param_value=value, distribution_json=text)


def _report(trial_id: int, step: int, value: float) -> models.TrialIntermediateValueModel:
    stored, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(value)
    return models.TrialIntermediateValueModel(
        trial_id=trial_id, step=step, intermediate_value=stored, intermediate_value_type=kind
    )


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
        return self._patience.call(self._backend._get_trials, study_id, None, trial_ids, newest)  # noqa: SLF001

    def create(self, study_id: int, template: FrozenTrial | None) -> FrozenTrial:
        """A new trial. Where the connection breaks as it is created, there may be another one like it."""
        return self._patience.call(self._backend._create_new_trial, study_id, template)  # noqa: SLF001

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
