"""Waiting for a database that is away: its server restarts, breaks a connection off, or takes none."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import optuna
import sqlalchemy.exc

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

    def call(self, act: Callable[[], Made]) -> Made:
        """Do it until it is done. `act` is one transaction that may be done twice.

        Raises:
            STORAGE_ERRORS: another error, or the database was away for `PATIENCE` seconds, or somebody has asked this
                process to end.
        """
        limit, said = time.monotonic() + PATIENCE, False
        while True:
            try:
                return act()
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
