"""The transactions in which a driver's trials are read and written, each tried again while the database is away.

A server restarts, breaks a connection off, or takes none. Like Optuna's own cache the transactions reach into
``RDBStorage`` and its models; Optuna is pinned to one major version for it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import optuna
import sqlalchemy.exc
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection

from sweeper.study.storage import statements
from sweeper.study.storage.statements import WriteBuffer
from sweeper.system.signals import listening

Made = TypeVar("Made")

Change = Callable[[Any], Any]
"""Makes a new value of what is stored."""

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
        return self._do(lambda connection: statements.newer(connection, study_id, last))

    def read(self, study_id: int, trial_ids: set[int], newest: int) -> list[FrozenTrial]:
        """Some trials of a study, and those that are newer than `newest`."""
        return self._patience.call(self._backend._get_trials, study_id, None, trial_ids, newest)  # noqa: SLF001

    def create(self, study_id: int, template: FrozenTrial | None, last: int) -> tuple[FrozenTrial, list[int]]:
        """A new trial, and the ids of those that are newer than `last` and older than it.

        Where the connection breaks as it is created, there may be another one like it.
        """
        if template is None or template.values or template.params or template.intermediate_values:
            made = self._patience.call(self._backend._create_new_trial, study_id, template)  # noqa: SLF001
            return made, [id_ for id_ in self.ids_beyond(study_id, last) if id_ < made._trial_id]  # noqa: SLF001

        def act(connection: Connection) -> tuple[FrozenTrial, list[int]]:
            made = statements.create(connection, study_id, template)
            return made, [id_ for id_ in statements.newer(connection, study_id, last) if id_ != made._trial_id]  # noqa: SLF001

        return self._do(act)

    def claim(self, trial_id: int, key: str, was: str, now: str) -> bool:
        """Make `now` the owner of a trial that waits, or that runs and belongs to `was`; whether it is."""

        def act(connection: Connection) -> bool:
            state = statements.locked(connection, trial_id)
            owner = statements.user_attributes(connection, trial_id).get(key)
            free = state == TrialState.WAITING or (state == TrialState.RUNNING and owner in {was, now})
            if free:
                statements.set_state(connection, trial_id, TrialState.RUNNING)
                statements.set_user_attribute(connection, trial_id, key, now)
            return free

        return self._do(act)

    def change(self, study_id: int, key: str, change: Change) -> Any:
        """Make of an attribute of a study what `change` makes of it, and give it; None changes nothing."""

        def act(connection: Connection) -> Any:
            now = statements.locked_study_attribute(connection, study_id, key)
            made = change(now)
            if made is None or made == now:
                return now
            statements.set_study_attribute(connection, study_id, key, made, new=now is None)
            return json.loads(json.dumps(made))

        return self._do(act)

    def release(self, trial_ids: Sequence[int]) -> None:
        """Put trials back into the queue, all at once, but for those that have ended."""

        def act(connection: Connection) -> None:
            for trial_id in trial_ids:
                if statements.locked(connection, trial_id) == TrialState.RUNNING:
                    statements.set_state(connection, trial_id, TrialState.WAITING)

        self._do(act)

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

        def act(connection: Connection) -> None:
            nonlocal attempts
            attempts += 1
            now = statements.locked(connection, trial_id)
            # Whether the last attempt came through is not known where the connection broke as it was committed.
            if attempts > 1 and now == state and _holds(connection, trial_id, unsaved):
                return
            # Optuna's own check would read the trial in another transaction, and wait for this one.
            if now.is_finished():
                raise UpdateFinishedTrialError(f"trial {trial_id} has ended already")
            statements.add(connection, trial_id, unsaved)
            if state is not None:
                statements.end(connection, trial_id, state, values or ())

        self._do(act)

    def _do(self, act: Callable[[Connection], Made]) -> Made:
        """Do something in one transaction."""

        def attempt() -> Made:
            with self._backend.engine.begin() as connection:
                return act(connection)

        return self._patience.call(attempt)


def _holds(connection: Connection, trial_id: int, unsaved: WriteBuffer) -> bool:
    """Whether a trial has all of these attributes."""
    have = statements.user_attributes(connection, trial_id)
    return all(key in have and have[key] == json.loads(json.dumps(value)) for key, value in unsaved.user.items())
