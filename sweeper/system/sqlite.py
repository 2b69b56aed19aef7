"""SQLite files: made completely or not at all, ready-made tables among them, and read without writing anything."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from sweeper.system.files import list_leftovers, temporary_name

_LOGS = ("-wal", "-shm", "-journal")
"""Ends of the names of the files that SQLite keeps beside a database."""

_PATIENCE = 0.5
"""Seconds to wait for the index of a log."""


def connect_read_only(path: Path, **more: Any) -> sqlite3.Connection:
    """A connection that only reads.

    Beside a file in WAL mode SQLite wants to write even to read it, unless its log and the log's index are there, or
    it is opened as one that nobody changes. That is true where there is no log: without one, nothing is missing.

    Args:
        path: the file.
        more: as ``sqlite3.connect`` takes it.

    Raises:
        sqlite3.Error: it cannot be read; it is damaged, perhaps, or its log cannot be read with it.
    """
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            return _probed(f"{path.absolute().as_uri()}?mode=ro", **more)
        except sqlite3.OperationalError as error:
            refused = "unable to open" in str(error) or "readonly" in str(error)
            if not refused or (_has_log(path) and time.monotonic() > limit):
                raise
            if not _has_log(path):
                return _probed(f"{path.absolute().as_uri()}?mode=ro&immutable=1", **more)
            time.sleep(0.05)  # somebody opens it now, and its log has no index yet


def _probed(address: str, **more: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(address, uri=True, **more)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_log(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def create(path: Path, fill: Callable[[Path], None]) -> None:
    """Make a SQLite file completely or not at all, unless there is one.

    Args:
        path: its place; its folder is made.
        fill: makes the database at the path that it is given: a draft, named after this process, beside the place.

    Raises:
        OSError, sqlite3.Error: it cannot be made; nothing is left of it.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, fill) as draft:
        # A link fails where the name is taken: of several processes one wins, and nobody's database is replaced.
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                draft.replace(path)


def replace(path: Path, fill: Callable[[Path], None]) -> None:
    """Make a SQLite file in place of one that holds nothing. Nobody else may have that open."""
    with _draft(path, fill) as draft:
        for end in _LOGS:
            path.with_name(path.name + end).unlink(missing_ok=True)
        draft.replace(path)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a library makes in a new database, as a file of statements: there in milliseconds.

    Attributes:
        file: with the statements, as ``dump`` writes them; a test compares it with what the library makes.
        library: whose tables they are; other versions of it make their own.
        left_out: beginning of the statements that are not among them.
    """

    file: Path
    library: str
    left_out: str = ""

    @property
    def text(self) -> str:
        """The statements."""
        return self.file.read_text(encoding="utf-8")

    @property
    def are_current(self) -> bool:
        """Whether the installed version of the library makes these."""
        return self.text.startswith(self._header(metadata.version(self.library)))

    def make(self, draft: Path) -> None:
        """Make them in a new file."""
        with closing(sqlite3.connect(draft)) as database:
            database.execute("PRAGMA synchronous = OFF")  # a draft that is lost is made again
            database.executescript(self.text)

    def dump(self, made: Path, version: str) -> str:
        """The statements that make an empty copy of a database that the library made."""
        with closing(sqlite3.connect(made)) as database:
            lines = [line for line in database.iterdump() if not self.left_out or not line.startswith(self.left_out)]
        return self._header(version) + "\n".join(lines) + "\n"

    def _header(self, version: str) -> str:
        return f"-- The tables of {self.library} {version}. Written by Tables.dump.\n"


def keep_log(path: Path) -> None:
    """Have a new database write a log ahead: a torn write costs nothing that was committed, and readers never wait."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")


@contextmanager
def _draft(path: Path, fill: Callable[[Path], None]) -> Iterator[Path]:
    for left in list_leftovers(path.parent, f".{path.name}~"):
        left.unlink(missing_ok=True)
    draft = path.with_name(temporary_name(f".{path.name}"))
    try:
        fill(draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        yield draft
    finally:
        for end in ("", *_LOGS):
            draft.with_name(draft.name + end).unlink(missing_ok=True)
