"""A new SQLite store for MLflow, whole or absent, in milliseconds.

MLflow makes a new database by running all its migrations, which takes seconds, and one that several
processes open while it is being made stays broken. Here a finished one is put in place in one step.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sweeper.system.sqlite import Tables, create, keep_log
from sweeper.tracking.mlflow import quieten

TABLES = Tables(Path(__file__).with_name("schema.sql"), "mlflow", left_out='INSERT INTO "experiments"')


def create_database(path: Path, artifacts: Path) -> None:
    """Make the store at `path` unless there is one; the default experiment's artifacts go to `artifacts`."""
    create(path, lambda draft: _fill(draft, artifacts))


def _fill(draft: Path, artifacts: Path) -> None:
    if TABLES.are_current:
        TABLES.make(draft)
        _add_default_experiment(draft, artifacts)
    else:
        _migrate(draft, artifacts)
    keep_log(draft)  # and a write is one append: 9 ms a trial instead of 27


def _migrate(draft: Path, artifacts: Path) -> None:
    """MLflow's own way, for a version whose tables are not known here."""
    quieten()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{draft}", artifacts.as_uri())
    store.engine.dispose()


def _add_default_experiment(draft: Path, artifacts: Path) -> None:
    now = round(time.time() * 1000)
    values = (0, "Default", f"{artifacts.as_uri()}/0", "active", now, now, "default")
    with closing(sqlite3.connect(draft)) as database, database:
        database.execute("INSERT INTO experiments VALUES (?, ?, ?, ?, ?, ?, ?)", values)
