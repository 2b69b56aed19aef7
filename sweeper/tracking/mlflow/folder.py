"""The record in a runs folder: its database, whole or absent, and where the files of its runs are.

MLflow makes a new database by running all its migrations, which takes seconds, and one that several processes open
while it is being made stays broken. Here a finished one is put in place in one step, in milliseconds.

Files are in the runs folder that is open, wherever that was when they were recorded.

A folder that was moved, copied or mounted elsewhere brings addresses along that lead somewhere else, or to the folder
that it was copied from. In the database of the folder itself they are not believed: the files of a run are in
``artifacts/RUN/artifacts`` beside it. They are set right for MLflow's own tools by whoever may write.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

from sweeper.errors import SweeperError
from sweeper.system.addresses import sqlite_file
from sweeper.system.sqlite import Tables, create, keep_log
from sweeper.tracking.mlflow import quieten, sqlite_rows
from sweeper.tracking.mlflow.sqlite_rows import Experiment

TABLES = Tables(Path(__file__).with_name("schema.sql"), "mlflow", left_out='INSERT INTO "experiments"')


@dataclass(frozen=True, slots=True)
class Places:
    """The files of the runs of a store.

    Attributes:
        uri: address of the store.
        runs: the runs folder that is open.
    """

    uri: str
    runs: Path

    @property
    def own(self) -> Path | None:
        """The database, where it lies in the runs folder itself."""
        file = sqlite_file(self.uri)
        return file if file is not None and file.absolute().parent.resolve() == self.runs.resolve() else None

    @property
    def root(self) -> Path:
        """The folder of all files."""
        return self.runs.absolute() / "artifacts"

    def read(self, run_id: str, recorded: str) -> Path | None:
        """The folder of a run's files, there or not; None where they are on another machine."""
        there, here = local_folder(recorded), self._here(run_id)
        if there is None:
            return None
        first, second = (here, there) if self.own else (there, here)
        return second if second.exists() and not first.exists() else first

    def write(self, run_id: str, recorded: str) -> Path | None:
        """The folder for a run's files, never in a folder that this one was copied from; None as for ``read``."""
        there = local_folder(recorded)
        if there is None:
            return None
        return there if self.own is None and there.parent.parent.is_dir() else self._here(run_id)

    def _here(self, run_id: str) -> Path:
        return self.root / run_id / "artifacts"


def local_folder(uri: str) -> Path | None:
    """The folder of a local artifact address; None for a remote one."""
    if uri.startswith("file:"):
        return Path(url2pathname(urlparse(uri).path))
    return Path(url2pathname(uri)) if uri.startswith("/") else None


def create_database(path: Path, artifacts: Path) -> None:
    """Make the store at `path` unless there is one; the default experiment's artifacts go to `artifacts`."""
    create(path, lambda draft: _fill(draft, artifacts))


def settle(file: Path, root: Path) -> None:
    """Let the addresses in a folder's own database lead to the files that are in the folder now.

    One that leads to files elsewhere, and has none here, stays.

    Raises:
        SweeperError: the database cannot be read, or written.
    """
    try:
        ours = sqlite_rows.experiments(file)
        with closing(sqlite3.connect(file, timeout=20)) as database, database:
            moved = [each for each in _astray(database, ours, root) if _moved(each[2], each[3])]
            for (table, column), key, _, new in moved:
                name = _KEYS[table, column]
                database.execute(f"UPDATE {table} SET {column} = ? WHERE {name} = ?", (new, key))  # noqa: S608 - ours
    except sqlite3.Error as error:
        raise SweeperError(f"{file} cannot be opened: {error}", hint="sweeper doctor checks it") from error


Place = tuple[str, str]
"""A table, and its column with addresses of files."""

_RUNS = ("runs", "artifact_uri")
_KEYS: dict[Place, str] = {
    ("experiments", "artifact_location"): "experiment_id",
    _RUNS: "run_uuid",
    ("logged_models", "artifact_location"): "model_id",
    ("model_versions", "source"): "rowid",
    ("model_versions", "storage_location"): "rowid",
}
"""The key of a row, by place."""


def _astray(database: sqlite3.Connection, ours: list[Experiment], root: Path) -> Iterator[tuple[Place, str, str, str]]:
    """Addresses that do not lead below `root`: place, key, what it is, and what it would be here."""
    here = root.as_uri()
    ids = ",".join(each.experiment_id for each in ours) or "NULL"
    wrong = f"SELECT run_uuid, artifact_uri FROM runs WHERE experiment_id IN ({ids})"  # noqa: S608 - numbers
    for key, old in database.execute(f"{wrong} AND artifact_uri != ? || '/' || run_uuid || '/artifacts'", (here,)):
        yield _RUNS, key, old, f"{here}/{key}/artifacts"
    for before in {each.location for each in ours} - {here}:
        for (table, column), name in _KEYS.items():
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                continue  # an older MLflow made it
            rows = f"SELECT {name}, {column} FROM {table} WHERE {column} = ? OR substr({column}, 1, ?) = ?"  # noqa: S608
            for key, old in database.execute(rows, (before, len(before) + 1, f"{before}/")):
                yield (table, column), key, old, here + old.removeprefix(before)


def _moved(old: str, new: str) -> bool:
    there, here = local_folder(old), local_folder(new)
    return there is not None and here is not None and (here.exists() or not there.exists())


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
