"""A study is found by its name, wherever it is kept, and no password is kept with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from sweeper.errors import InputError
from sweeper.study.storage import location
from sweeper.study.storage.location import (
    StudyLocation,
    check_name,
    create_tables,
    list_studies,
    locate,
    remembered,
    settle,
    sqlite_path,
    study_file,
    without_password,
)

SERVER = "postgresql+psycopg://ann:geheim@db.example/sweeps"
KEPT = "postgresql+psycopg://ann@db.example/sweeps"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.delenv("SWEEPER_STORAGE", raising=False)
    monkeypatch.setattr(location, "_given", {})


@pytest.mark.parametrize("name", ["a", "tanh-sweep", "A.b_c-9", "x" * 100])
def test_names_that_a_study_may_have(name, tmp_path):
    assert check_name(name) == name
    assert study_file(tmp_path, name).parent == tmp_path / "studies"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "-x", ".hidden", "a b", "ü", "a\n", "x" * 101, "a\0"]
)
def test_names_that_could_leave_the_folder_or_confuse(name):
    with pytest.raises(InputError) as told:
        check_name(name)
    assert told.value.key == "study"


def own(runs, study):
    path = study_file(runs, study)
    create_tables(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO studies VALUES (1, ?)", (study,))


def test_a_study_of_its_own_file_has_no_address(tmp_path, monkeypatch):
    assert locate(tmp_path, "s").url == ""
    own(tmp_path, "s")
    monkeypatch.setenv("SWEEPER_STORAGE", SERVER)
    assert locate(tmp_path, "s").url == settle(tmp_path, "s").url == ""


def test_the_variable_is_for_studies_that_the_folder_does_not_know(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_STORAGE", SERVER)
    assert locate(tmp_path, "s").url == settle(tmp_path, "s").url == SERVER
    assert locate(tmp_path, "s", "sqlite:///x.db").url == "sqlite:///x.db"
    StudyLocation(tmp_path, "s", "sqlite:////elsewhere/y.db").remember()
    assert locate(tmp_path, "s").url == "sqlite:////elsewhere/y.db"


def test_an_address_is_kept_without_its_password(tmp_path, monkeypatch):
    StudyLocation(tmp_path, "s", SERVER).remember()
    assert "geheim" not in "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert remembered(tmp_path, "s") == KEPT
    assert locate(tmp_path, "s").url == SERVER  # the process that was given it needs it to its end
    monkeypatch.setattr(location, "_given", {})  # as in another process
    assert locate(tmp_path, "s").url == KEPT
    monkeypatch.setenv("SWEEPER_STORAGE", SERVER)  # where the password may come from
    assert locate(tmp_path, "s").url == SERVER
    monkeypatch.setenv("SWEEPER_STORAGE", SERVER.replace("sweeps", "others"))
    assert locate(tmp_path, "s").url == KEPT


def test_a_password_among_the_options_is_left_out_too():
    assert without_password("postgresql://h/d?password=geheim&sslmode=require") == "postgresql://h/d?sslmode=require"


def test_the_same_address_with_another_password_is_the_same_place(tmp_path):
    StudyLocation(tmp_path, "s", SERVER).remember()
    newer = SERVER.replace("geheim", "neu")
    assert settle(tmp_path, "s", newer).url == newer


def test_a_file_is_remembered_from_the_root_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    StudyLocation(tmp_path, "s", "sqlite:///sweep.db").remember()
    assert settle(tmp_path, "s", "sqlite:///sweep.db").url == "sqlite:///sweep.db"
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert sqlite_path(locate(tmp_path, "s").url) == tmp_path / "sweep.db"
    with pytest.raises(InputError, match="is kept in"):
        settle(tmp_path, "s", "sqlite:///sweep.db")


def test_a_name_stands_for_one_study(tmp_path):
    own(tmp_path, "s")
    with pytest.raises(InputError, match=r"is kept in .*s\.db, not in") as told:
        settle(tmp_path, "s", SERVER)
    assert "geheim" not in told.value.message
    assert told.value.hint


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not the address of a database"),
        ("sqlite://", "would be lost"),
        ("sqlite:///:memory:", "would be lost"),
        ("sqlite:////no/such/folder/x.db", "is not there"),
    ],
)
def test_what_can_keep_no_study_is_refused_and_not_remembered(tmp_path, url, says):
    with pytest.raises(InputError, match=says) as told:
        settle(tmp_path, "s", url)
    assert told.value.key == "--storage"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["nonsense", "sqlite://"])
def test_so_is_a_variable_that_names_none(tmp_path, monkeypatch, given):
    monkeypatch.setenv("SWEEPER_STORAGE", given)
    with pytest.raises(InputError):
        settle(tmp_path, "s")


def test_all_that_are_known_are_listed(tmp_path):
    own(tmp_path, "b")
    StudyLocation(tmp_path, "a", SERVER).remember()
    assert list_studies(tmp_path) == ["a", "b"]
