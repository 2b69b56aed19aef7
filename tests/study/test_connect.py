import sqlite3
import threading
import time

import pytest

from sweeper.errors import InputError, SweeperError
from sweeper.study.converters import quiet_optuna
from sweeper.study.storage import connect as storage
from sweeper.study.storage import location
from sweeper.study.storage.connect import explained, open_store, reading
from sweeper.study.storage.location import locate, settle, study_file
from sweeper.study.study_record import exists


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def test_a_new_study_is_in_wal(tmp_path):
    store = open_store(settle(tmp_path, "s"))
    with sqlite3.connect(study_file(tmp_path, "s")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    store.close()


def test_a_folder_may_have_braces_in_its_name(tmp_path, monkeypatch):
    """Optuna formats the addresses that it is given."""
    for runs in (tmp_path / "{a}", tmp_path / "{SCHEMA_VERSION}"):
        for known in (True, False):  # its tables are made from a copy, or by Optuna
            monkeypatch.setattr(location.Tables, "are_current", known)
            store = open_store(settle(runs, f"s{known}"))
            store.close()
            assert study_file(runs, f"s{known}").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"{a}", "{SCHEMA_VERSION}"}


def test_looking_for_a_study_writes_nothing(tmp_path):
    assert not exists(tmp_path, "s")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="there is no study 's'"), reading(locate(tmp_path, "s")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_study_exists_once_that_it_was_begun(tmp_path):
    import optuna

    store = open_store(settle(tmp_path, "s"))
    assert not exists(tmp_path, "s")
    optuna.create_study(storage=store, study_name="s")
    assert exists(tmp_path, "s")
    store.close()


@pytest.mark.parametrize(
    "url", ["nonsense", "nosuch://host/db", "sqlite:////no/such/folder/study.db", "postgresql+nosuch://u:p@h/d"]
)
def test_a_url_that_cannot_be_opened_is_one_line(tmp_path, url):
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s", url))
    assert "\n" not in told.value.message
    assert told.value.hint


def test_a_password_is_not_shown(tmp_path):
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s", "nosuch://me:geheim@host/db"))
    assert "geheim" not in f"{told.value.message} {told.value.hint}"


def begin(runs, study, url=""):
    import optuna

    store = open_store(settle(runs, study, url))
    optuna.create_study(storage=store, study_name=study)
    store.close()


def test_a_study_in_another_database_is_found_by_its_name(tmp_path):
    runs, url = tmp_path / "runs", f"sqlite:///{tmp_path}/elsewhere.db"
    begin(runs, "s", url)
    assert exists(runs, "s")
    with reading(locate(runs, "s")) as backend:
        assert [found.study_name for found in backend.get_all_studies()] == ["s"]
    assert not study_file(runs, "s").exists()
    open_store(settle(runs, "s")).close()  # who goes on with it need not say where it is


def test_a_database_that_is_gone_is_not_made_anew(tmp_path):
    runs, kept = tmp_path / "runs", tmp_path / "elsewhere.db"
    begin(runs, "s", f"sqlite:///{kept}")
    kept.unlink()
    with pytest.raises(InputError, match="which is gone"), reading(locate(runs, "s")):
        pass
    assert not kept.exists()


def test_who_only_looks_makes_no_database(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_STORAGE", f"sqlite:///{tmp_path}/elsewhere.db")
    assert not exists(tmp_path, "s")
    with pytest.raises(InputError, match="there is no study"), reading(locate(tmp_path, "s")):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"this is not a database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_database_is_told_and_left_as_it_is(tmp_path, content):
    path = study_file(tmp_path, "s")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s"))
    assert "is damaged" in told.value.message
    assert path.read_bytes() == content


def test_a_truncated_database_is_told(tmp_path):
    store = open_store(settle(tmp_path, "s"))
    store.close()
    path = study_file(tmp_path, "s")
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 100])
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s"))
    assert "is damaged" in told.value.message


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "studies").write_text("in the way")
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s"))
    assert "cannot be written" in told.value.message


def lock(path, seconds, locked):
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        locked.set()
        time.sleep(seconds)
        connection.execute("COMMIT")
    connection.close()


@pytest.fixture
def locked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_ATTEMPT", 0.1)
    threads = []

    def start(seconds):
        locked = threading.Event()
        threads.append(threading.Thread(target=lock, args=(study_file(tmp_path, "s"), seconds, locked)))
        threads[-1].start()
        locked.wait()

    yield start
    for thread in threads:
        thread.join()


def test_a_locked_database_is_waited_for(tmp_path, locked_for):
    store = open_store(settle(tmp_path, "s"))
    locked_for(0.6)
    begun = time.monotonic()
    store.create_new_study([1], "s")
    assert time.monotonic() - begun > 0.3
    assert exists(tmp_path, "s")
    store.close()


def test_a_database_that_is_locked_for_ever_is_told(tmp_path, locked_for, monkeypatch):
    store = open_store(settle(tmp_path, "s"))
    monkeypatch.setattr(storage, "PATIENCE", 0.2)
    locked_for(1.5)
    with pytest.raises(SweeperError, match="was locked by somebody else") as told, explained("the study"):
        store.create_new_study([1], "s")
    assert told.value.exit_code == 1
    store.close()


def test_a_password_that_is_missing_is_asked_for():
    import sqlalchemy.exc

    error = sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("fe_sendauth: no password supplied"))
    with pytest.raises(SweeperError, match="no password supplied") as told, explained("postgresql://u@h/d"):
        raise error
    assert "SWEEPER_STORAGE" in told.value.hint


def test_a_readers_connection_cannot_write(tmp_path):
    import optuna
    import sqlalchemy.exc

    store = open_store(settle(tmp_path, "s"))
    optuna.create_study(storage=store, study_name="s")
    store.close()
    with (
        reading(locate(tmp_path, "s")) as backend,
        pytest.raises((sqlalchemy.exc.OperationalError, optuna.exceptions.OptunaError)),
    ):
        backend.set_study_user_attr(1, "a", 1)


def test_only_a_file_of_another_version_has_optuna_load_its_migrations(tmp_path, monkeypatch):
    from optuna.storages._rdb.storage import _VersionManager

    store = open_store(settle(tmp_path, "s"))
    store.create_new_study(["maximize"], "s")
    store.close()
    asked, real = [], _VersionManager.get_head_version
    monkeypatch.setattr(_VersionManager, "get_head_version", lambda self: asked.append(1) or real(self))
    with reading(locate(tmp_path, "s")):
        assert asked == []
    with sqlite3.connect(study_file(tmp_path, "s")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v99'")
    connection.close()
    with pytest.raises(InputError, match="was written by another version"), reading(locate(tmp_path, "s")):
        pass
    assert asked
