"""Where studies are kept: one SQLite file each under runs/studies, or any database that Optuna knows."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy.exc
from optuna.storages import RDBStorage

from sweeper.config.registry import nearest
from sweeper.errors import InputError, SweeperError
from sweeper.study.storage.cached import CachedStorage
from sweeper.study.storage.location import (
    EXAMPLES,
    VARIABLE,
    Content,
    StudyLocation,
    create_tables,
    is_begun,
    list_studies,
    read_content,
)
from sweeper.study.storage.location import without_password as shown
from sweeper.study.storage.transactions import PATIENCE, STORAGE_ERRORS, is_away
from sweeper.system.addresses import literally
from sweeper.system.sqlite import connect_read_only

Made = TypeVar("Made")

POSTGRESQL = "postgresql"
"""What SQLAlchemy calls it, and sweeper the extra that brings its driver."""

_OF_THIS_VERSION = {Content.TABLES, Content.STUDY}
"""What needs no check by Optuna, which loads all its migrations for it: a tenth of a second."""

_ATTEMPT = 1.0
"""Seconds of one attempt to lock a database, or to create its tables."""


def has_study(place: StudyLocation) -> bool:
    """Whether the study was ever begun there; writes nothing."""
    if place.is_new:
        return False
    with reading(place) as backend:
        return any(found.study_name == place.study for found in backend.get_all_studies())


def open_store(place: StudyLocation) -> CachedStorage:
    """Open the study's storage for a driver, creating what is missing; another database is remembered.

    Raises:
        InputError: a URL that Optuna does not know, or a folder or database that cannot be written; or a study of
            that name is elsewhere.
        SweeperError: a database that is damaged, or that did not answer.
    """
    place.check()
    with _opening(place.shown):
        store = CachedStorage(_remote(place.url) if place.file is None else _local(place.file))
    if place.url:
        place.remember()
    return store


def find(backend: RDBStorage, study: str) -> int:
    """The id of a study in its storage.

    Raises:
        InputError: it is not there.
    """
    try:
        return int(backend.get_study_id_from_name(study))
    except KeyError:
        raise InputError(f"there is no study {study!r} in its storage", hint="see --study", key="study") from None


@contextmanager
def reading(place: StudyLocation) -> Iterator[RDBStorage]:
    """The study's storage for somebody who only reads; leaves the file as it is.

    Raises:
        InputError: there is no such study, or the URL is not known.
        SweeperError: a database that is damaged, or that did not answer.
    """
    if place.is_new:
        where = place.shown if place.url else place.runs
        raise _no_study(place, str(where))
    if place.file is not None and not is_begun(place.file):
        raise InputError(
            f"the study {place.study!r} was kept in {place.shown}, which is gone", hint="put it back", key="study"
        )
    with _opening(place.shown):
        backend = _remote(place.url) if place.file is None else _read_only(place.file)
    with explained(place.shown):
        try:
            yield backend
        finally:
            backend.engine.dispose()


def _no_study(place: StudyLocation, where: str) -> InputError:
    near = nearest(place.study, list_studies(place.runs))
    return InputError(
        f"there is no study {place.study!r} in {where}" + (f"; did you mean {near}?" if near else ""),
        hint="sweeper results lists them",
        key="study",
        instead=(place.study, near) if near else None,
    )


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn what a database says into one line with a hint."""
    try:
        yield
    except STORAGE_ERRORS as error:
        raise _plain(where, error) from error


@contextmanager
def _opening(where: str) -> Iterator[None]:
    """The same, with what can only go wrong when a database is opened."""
    try:
        with explained(where):
            yield
    except PermissionError as error:
        raise InputError(
            f"{where} cannot be written: {error.strerror}", hint="give another folder with --runs"
        ) from error
    except OSError as error:
        raise SweeperError(f"{where} cannot be written: {error.strerror}", hint="the same command goes on") from error
    except RuntimeError as error:
        raise InputError(f"{where} was written by another version: {error}", hint="use another --study") from error


def _plain(where: str, error: Exception) -> SweeperError:
    text = (str(_first_cause(error)).splitlines() or [""])[0]
    if "unable to open" in text and not _descriptors_left():
        return SweeperError(f"{where}: too many open files", hint="raise the limit of open files (ulimit -n)")
    if "readonly" in text or "unable to open" in text:
        return InputError(f"{where} cannot be written: {text}", hint="give another folder with --runs")
    if "malformed" in text or "not a database" in text:
        hint = "put a copy of it back, or begin another study with --study; `sweeper doctor` says what can be saved"
        return SweeperError(f"{where} is damaged: {text}", hint=hint)
    if "password" in text:
        hint = f"give the whole address in {VARIABLE}, or the password where the driver finds it, such as PGPASSWORD"
        return SweeperError(f"{where}: {text}", hint=hint)
    if "locked" in text:
        return SweeperError(f"{where} was locked by somebody else for {PATIENCE:g} s", hint="the same command goes on")
    away = " does not answer" if is_away(error) else ""
    return SweeperError(f"{where}{away}: {text}", hint="the same command goes on once that is mended")


def _descriptors_left() -> bool:
    """Whether this process may open another file; SQLite does not say when that is why it could not."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True


def _local(path: Path) -> RDBStorage:
    """A file of its own, made where there is none."""
    content = create_tables(path)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_ATTEMPT, isolation_level=None, check_same_thread=False)
        _patiently(lambda: connection.execute("PRAGMA journal_mode=WAL"))
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    known = content in _OF_THIS_VERSION
    backend = _patiently(lambda: _backend(path, connect, skip_table_creation=known, skip_compatibility_check=known))
    _begin_immediate(backend)
    return backend


def _read_only(path: Path) -> RDBStorage:
    def connect() -> sqlite3.Connection:
        return connect_read_only(path, timeout=PATIENCE, check_same_thread=False)

    known = read_content(path) in _OF_THIS_VERSION
    return _backend(path, connect, skip_table_creation=True, skip_compatibility_check=known)


def _remote(url: str) -> RDBStorage:
    try:
        return _created(_with_driver(url))
    except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError, ImportError) as error:
        missing = isinstance(error, ImportError) and url.startswith("postgres")
        raise InputError(
            f"{shown(url)} is not a storage that can be opened: {str(_first_cause(error)).splitlines()[0]}",
            hint=f"pip install 'sweeper[{POSTGRESQL}]'" if missing else EXAMPLES,
            key="storage",
        ) from error


def _created(url: str) -> RDBStorage:
    """Open a database, with its tables; where another driver creates the same ones now, its are taken."""
    for _ in range(3):
        try:
            return RDBStorage(literally(url))
        except (sqlalchemy.exc.IntegrityError, sqlalchemy.exc.ProgrammingError):
            time.sleep(_ATTEMPT)
    return RDBStorage(literally(url))


def _with_driver(url: str) -> str:
    """The address with the driver that the extra brings, where it names none; SQLAlchemy would take another."""
    parts = sqlalchemy.make_url(url)
    if parts.drivername in {POSTGRESQL, "postgres"}:
        parts = parts.set(drivername=f"{POSTGRESQL}+psycopg")
    return parts.render_as_string(hide_password=False)


def _backend(path: Path, connect: Callable[[], sqlite3.Connection], **more: Any) -> RDBStorage:
    return RDBStorage(literally(f"sqlite:///{path}"), engine_kwargs={"creator": connect}, **more)


def _begin_immediate(backend: RDBStorage) -> None:
    """Take the write lock when a transaction begins, so that "read the state, then set it" is one step for everybody.

    SQLAlchemy's own recipe: the driver's automatic BEGIN is off (isolation_level=None), and this is the only one.
    """

    @sqlalchemy.event.listens_for(backend.engine, "begin")
    def begin(connection: sqlalchemy.Connection) -> None:
        sqlite = connection.connection.driver_connection
        assert isinstance(sqlite, sqlite3.Connection)
        _patiently(lambda: sqlite.execute("BEGIN IMMEDIATE"))


def _patiently(act: Callable[[], Made]) -> Made:
    """Do something as soon as nobody locks the database; between two attempts, a Ctrl-C comes through."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except STORAGE_ERRORS as error:
            if "locked" not in str(_first_cause(error)) or time.monotonic() > limit:
                raise


def _first_cause(error: BaseException) -> BaseException:
    return error if error.__cause__ is None else _first_cause(error.__cause__)
