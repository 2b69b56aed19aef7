"""A new SQLite store for MLflow, whole or absent, in milliseconds.

MLflow makes a new database by running all its migrations, which takes seconds, and one that several
processes open while it is being made stays broken. Here a finished one is put in place in one step. Its
statements are in ``schema.sql``, written by ``dump_schema`` and compared with MLflow's own by a test.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from importlib import metadata
from pathlib import Path

from sweeper.system.sqlite import create
from sweeper.tracking.mlflow.quiet import quieten

SCHEMA = Path(__file__).with_name("schema.sql")
_HEADER = "-- The tables of MLflow {version}, as its migrations leave them. Written by dump_schema.\n"


def create_database(path: Path, artifacts: Path) -> None:
    """Make the store at `path` unless there is one; the default experiment's artifacts go to `artifacts`."""
    create(path, lambda draft: _fill(draft, artifacts))


def dump_schema(migrated: Path, version: str) -> str:
    """The statements that make an empty copy of a database that MLflow made."""
    with closing(sqlite3.connect(migrated)) as database:
        lines = [line for line in database.iterdump() if not line.startswith('INSERT INTO "experiments"')]
    return _HEADER.format(version=version) + "\n".join(lines) + "\n"


def _fill(draft: Path, artifacts: Path) -> None:
    if SCHEMA.read_text(encoding="utf-8").startswith(_HEADER.format(version=metadata.version("mlflow"))):
        with closing(sqlite3.connect(draft)) as database:
            database.execute("PRAGMA synchronous = OFF")  # a draft that is lost is made again
            database.executescript(SCHEMA.read_text(encoding="utf-8"))
            _add_default_experiment(database, artifacts)
    else:
        _migrate(draft, artifacts)
    with closing(sqlite3.connect(draft)) as database:
        # Readers do not wait for the writer, and a write is one append: 9 ms a trial instead of 27.
        database.execute("PRAGMA journal_mode = WAL")


def _migrate(draft: Path, artifacts: Path) -> None:
    """MLflow's own way, for a version whose tables are not known here."""
    quieten()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{draft}", artifacts.as_uri())
    store.engine.dispose()


def _add_default_experiment(database: sqlite3.Connection, artifacts: Path) -> None:
    now = round(time.time() * 1000)
    values = (0, "Default", f"{artifacts.as_uri()}/0", "active", now, now, "default")
    with database:
        database.execute("INSERT INTO experiments VALUES (?, ?, ?, ?, ?, ?, ?)", values)
