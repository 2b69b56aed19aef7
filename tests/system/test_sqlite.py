from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sweeper.system.sqlite import connect_read_only

LEAVE = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE t(x)")
database.execute("INSERT INTO t VALUES (1)")
os._exit(0)
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A database whose process died: everything is in its log."""
    path = tmp_path / "a b%.db"
    subprocess.run([sys.executable, "-c", LEAVE, str(path)], check=True)
    assert path.with_name("a b%.db-wal").stat().st_size
    return path


def content(path: Path) -> list[tuple[int]]:
    with closing(connect_read_only(path)) as database:
        return database.execute("SELECT x FROM t").fetchall()


def test_what_is_in_the_log_is_read(left: Path) -> None:
    assert content(left) == [(1,)]


def test_it_cannot_be_written(left: Path) -> None:
    with closing(connect_read_only(left)) as database, pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("INSERT INTO t VALUES (2)")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        connect_read_only(tmp_path / "none.db").close()
    assert list(tmp_path.iterdir()) == []


def test_damage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with pytest.raises(sqlite3.DatabaseError):
        connect_read_only(path).close()
