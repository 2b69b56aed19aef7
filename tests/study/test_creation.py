import sqlite3
import threading
from contextlib import closing

import optuna
import pytest
from optuna.storages import RDBStorage

from sweeper.errors import InputError
from sweeper.study.converters import quiet_optuna
from sweeper.study.storage import location
from sweeper.study.storage.connect import open_store, reading
from sweeper.study.storage.location import (
    TABLES,
    Content,
    create_tables,
    is_begun,
    list_studies,
    locate,
    read_content,
    settle,
    study_file,
)
from sweeper.study.study_record import exists
from sweeper.system import sqlite


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


@pytest.fixture
def made(tmp_path):
    """A database that Optuna made itself."""
    path = tmp_path / "made.db"
    RDBStorage(f"sqlite:///{path}").engine.dispose()
    return path


def test_the_schema_is_what_optuna_makes(made):
    assert TABLES.dump(made, optuna.__version__) == TABLES.text


def test_a_new_file_is_what_optuna_makes_but_in_wal(tmp_path, made):
    path = tmp_path / "deep" / "s.db"
    assert create_tables(path) is Content.TABLES
    assert TABLES.dump(path, "5") == TABLES.dump(made, "5")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert sorted(each.name for each in path.parent.iterdir()) == [".lock", "s.db"]


def test_another_version_of_optuna_makes_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite.metadata, "version", lambda _: "5.99")
    path = tmp_path / "s.db"
    assert create_tables(path) is Content.OTHER  # Optuna's own check is left to judge it
    store = open_store(settle(tmp_path, "t"))
    optuna.create_study(storage=store, study_name="t")
    store.close()
    assert exists(tmp_path, "t")


def test_what_a_file_holds(tmp_path, made):
    assert read_content(tmp_path / "none.db") is Content.NOTHING
    assert read_content(made) is Content.TABLES
    assert not is_begun(made)
    optuna.create_study(storage=f"sqlite:///{made}", study_name="s")
    assert read_content(made) is Content.STUDY
    assert is_begun(made)


def half_made(path, tables):
    """As Optuna leaves it where it is killed: some tables, in a log that nobody has written back, and no version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    statements = TABLES.text.split(";\n")
    wanted = [each for each in statements if "CREATE TABLE" in each][:tables]
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        for statement in wanted:
            database.execute(statement)


@pytest.mark.parametrize("tables", [0, 1, 5, 13])
def test_a_file_whose_creation_was_interrupted_counts_as_never_begun(tmp_path, tables):
    path = study_file(tmp_path, "s")
    half_made(path, tables)
    before = path.read_bytes()
    assert not exists(tmp_path, "s")
    assert list_studies(tmp_path) == []
    with pytest.raises(InputError, match="there is no study"), reading(locate(tmp_path, "s")):
        pass
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    assert settle(tmp_path, "s", url).url == url  # the name is free
    assert path.read_bytes() == before
    store = open_store(settle(tmp_path, "s"))
    optuna.create_study(storage=store, study_name="s")
    store.close()
    assert exists(tmp_path, "s")
    assert list_studies(tmp_path) == ["s"]


def test_an_empty_file_counts_as_never_begun(tmp_path):
    path = study_file(tmp_path, "s")
    path.parent.mkdir(parents=True)
    path.touch()
    assert not exists(tmp_path, "s")
    open_store(settle(tmp_path, "s")).close()
    assert read_content(path) is Content.TABLES


@pytest.mark.parametrize("statement", ["CREATE TABLE mine (a)", "INSERT INTO studies VALUES (1, 'x')"])
def test_what_somebody_has_put_there_is_left_alone(tmp_path, statement):
    path = study_file(tmp_path, "s")
    half_made(path, 13)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)
    assert read_content(path) is Content.OTHER
    assert create_tables(path) is Content.OTHER


def test_many_at_once_make_one(tmp_path):
    path, together = tmp_path / "s.db", threading.Barrier(8)
    path.touch()
    found = []

    def make():
        together.wait()
        found.append(create_tables(path))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Content.TABLES] * 8
    assert list(tmp_path.glob(".s.db*")) == []


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(location, "_fill", full)
    with pytest.raises(OSError, match="No space"):
        create_tables(tmp_path / "s.db")
    assert [each.name for each in tmp_path.iterdir()] == [".lock"]
