from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.errors import InputError
from sweeper.system.addresses import is_database, redact, sqlite_file, tracking_uri


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_the_record_is_in_the_runs_folder(tmp_path: Path) -> None:
    assert sqlite_file(tracking_uri(tmp_path)) == tmp_path / "mlflow.db"


@pytest.mark.parametrize("name", ["a b", "100%", "why?", "é#ü", "a%20b", "semi;colon"])
def test_odd_folders_survive_the_address(tmp_path: Path, name: str) -> None:
    from sqlalchemy.engine import make_url

    uri = tracking_uri(tmp_path / name)
    assert sqlite_file(uri) == tmp_path / name / "mlflow.db"
    assert make_url(uri).database == str(tmp_path / name / "mlflow.db")


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://h:5000")
    assert tracking_uri(tmp_path) == "http://h:5000"


@pytest.mark.parametrize("uri", ["file:///tmp/x", "/tmp/mlruns", "mlruns", "ftp://u:pw@h"])
def test_what_mlflow_cannot_write_is_refused_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(InputError) as caught:
        tracking_uri(tmp_path)
    assert "pw" not in caught.value.message
    assert caught.value.key == "MLFLOW_TRACKING_URI"


@pytest.mark.parametrize(
    ("uri", "database", "file"),
    [
        ("sqlite:///a.db", True, Path("a.db")),
        ("sqlite:////a/b.db?timeout=5", True, Path("/a/b.db")),
        ("sqlite:///:memory:", True, None),
        ("postgresql+psycopg://u@h/db", True, None),
        ("https://h", False, None),
    ],
)
def test_kinds_of_stores(uri: str, database: bool, file: Path | None) -> None:
    assert is_database(uri) == database
    assert sqlite_file(uri) == file


@given(
    st.sampled_from(["http", "https", "postgresql+psycopg", "mysql"]),
    st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20),
    st.text(alphabet=st.characters(categories=["L", "N"]), min_size=8, max_size=20),
)
def test_no_password_survives(scheme: str, user: str, password: str) -> None:
    shown = redact(f"sweeper tune --storage {scheme}://{user}:{password}@host/db seed=1")
    assert password not in shown
    assert shown.endswith("@host/db seed=1")


@pytest.mark.parametrize("name", ["password", "token", "api_key", "SECRET", "sslpassword", "access_key_id"])
def test_secret_parameters_are_starred(name: str) -> None:
    assert redact(f"http://h/?a=1&{name}=hunter2&b=2") == f"http://h/?a=1&{name}=***&b=2"


def test_ordinary_text_is_left_alone() -> None:
    line = "sweeper run activation=tanh hidden=[100,30] --runs /data/x@y"
    assert redact(line) == line


def test_sqlite_opens_what_the_address_names(tmp_path: Path) -> None:
    file = sqlite_file(tracking_uri(tmp_path))
    assert file is not None
    sqlite3.connect(file).close()
    assert (tmp_path / "mlflow.db").exists()
