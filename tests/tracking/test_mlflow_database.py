from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from sweeper.system import sqlite
from sweeper.tracking.mlflow import folder as mlflow_folder
from sweeper.tracking.mlflow.folder import TABLES, create_database
from sweeper.tracking.mlflow.store import close_store, open_store


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database made by MLflow's own migrations, as for a version whose tables are not known."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite.metadata, "version", lambda _: "3.17.99")
        create_database(folder / "mlflow.db", folder / "artifacts")
    return folder / "mlflow.db"


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchall()


def statements(dump: str) -> list[list[str]]:
    """What a dump says; MLflow's migrations leave indexes and constraints in the order of a set."""
    return sorted(sorted(line.strip(" ,\t") for line in each.splitlines()) for each in dump.split(";\n"))


def test_the_schema_is_that_of_mlflows_migrations(migrated: Path) -> None:
    dump = TABLES.dump(migrated, metadata.version("mlflow"))
    assert statements(TABLES.text) == statements(dump)


def test_a_new_database_is_one_that_mlflow_takes_as_its_own(tmp_path: Path, migrated: Path) -> None:
    file = tmp_path / "deep" / "mlflow.db"
    create_database(file, tmp_path / "artifacts")
    assert statements(TABLES.dump(file, "3")) == statements(TABLES.dump(migrated, "3"))
    assert rows(file, "PRAGMA journal_mode") == [("wal",)]
    assert rows(file, "SELECT name FROM experiments") == [("Default",)]
    store = open_store(f"sqlite:///{file}", tmp_path)
    assert store.client.get_experiment(store.experiment_id).artifact_location == (tmp_path / "artifacts").as_uri()
    close_store(store)


def test_another_version_of_mlflow_makes_its_own(migrated: Path) -> None:
    assert rows(migrated, "PRAGMA journal_mode") == [("wal",)]
    assert rows(migrated, "SELECT name FROM experiments") == [("Default",)]
    assert [path.name for path in migrated.parent.glob("*mlflow*")] == ["mlflow.db"]


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"the user's")
    create_database(file, tmp_path)
    assert file.read_bytes() == b"the user's"
    assert list(tmp_path.iterdir()) == [file]


def test_many_at_once_make_one(tmp_path: Path) -> None:
    file, together = tmp_path / "mlflow.db", threading.Barrier(8)

    def make() -> None:
        together.wait()
        create_database(file, tmp_path / "artifacts")

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(file, "SELECT count(*) FROM experiments") == [(1,)]
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mlflow_folder, "_add_default_experiment", full)
    with pytest.raises(OSError, match="No space"):
        create_database(tmp_path / "mlflow.db", tmp_path / "artifacts")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    create_database(tmp_path / "mlflow.db", tmp_path / "artifacts")
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]
