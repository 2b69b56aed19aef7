"""The SQLite file of a new study: there with all of Optuna's tables or not at all, however its creation ends.

Optuna makes its tables one by one, which takes a second and leaves a file that it never opens again where a process is
killed meanwhile. Here a finished one is put in place in one step. Its statements are in ``schema.sql``, written by
``dump_schema`` and compared with Optuna's own by a test.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import Enum
from importlib import metadata
from pathlib import Path

from sweeper.system.sqlite import connect_read_only, create, replace

SCHEMA = Path(__file__).with_name("schema.sql")
_HEADER = "-- The tables of Optuna {version}, as it makes them. Written by dump_schema.\n"


class Content(Enum):
    """What a SQLite file holds."""

    NOTHING = "nothing"
    """There is no file, or its creation was interrupted: nobody has begun anything in it."""
    TABLES = "tables"
    """The tables of the installed version of Optuna, and no study."""
    STUDY = "study"
    """The same tables, with a study."""
    OTHER = "other"
    """Another version's tables, another program's, or what cannot be read."""


def create_tables(path: Path) -> Content:
    """Make the file of a study, unless somebody has begun one there; what it holds then.

    Raises:
        OSError, sqlite3.Error: it cannot be made; nothing is left of it.
    """
    found = read_content(path)
    if found is Content.NOTHING:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            create(path, _fill)
            if (found := read_content(path)) is Content.NOTHING:
                replace(path, _fill)
                found = read_content(path)
    return found


def read_content(path: Path) -> Content:
    """What a file holds; nothing is written."""
    if not path.is_file() or not path.stat().st_size:
        return Content.NOTHING
    try:
        with closing(connect_read_only(path, timeout=20)) as database:
            return _content(database)
    except sqlite3.Error:
        return Content.OTHER


def is_begun(path: Path) -> bool:
    """Whether a file holds a study, or something that is not to be judged here; nothing is written."""
    return read_content(path) in {Content.STUDY, Content.OTHER}


def dump_schema(made: Path, version: str) -> str:
    """The statements that make a copy of an empty database that Optuna made."""
    with closing(sqlite3.connect(made)) as database:
        return _HEADER.format(version=version) + "\n".join(database.iterdump()) + "\n"


def _content(database: sqlite3.Connection) -> Content:
    schema = SCHEMA.read_text(encoding="utf-8")
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    studies = "studies" in there and database.execute("SELECT EXISTS (SELECT 1 FROM studies)").fetchone()[0]
    revisions = database.execute("SELECT * FROM alembic_version").fetchall() if "alembic_version" in there else []
    if revisions:  # Optuna writes it last
        known = _is_current(schema) and f"'{revisions[0][0]}'" in schema
        return Content.OTHER if not known else Content.STUDY if studies else Content.TABLES
    foreign = there - set(re.findall(r"CREATE TABLE (\w+)", schema))
    return Content.OTHER if foreign or studies else Content.NOTHING


def _is_current(schema: str) -> bool:
    return schema.startswith(_HEADER.format(version=metadata.version("optuna")))


def _fill(draft: Path) -> None:
    schema = SCHEMA.read_text(encoding="utf-8")
    if _is_current(schema):
        with closing(sqlite3.connect(draft)) as database:
            database.execute("PRAGMA synchronous = OFF")  # a draft that is lost is made again
            database.executescript(schema)
    else:
        _let_optuna_make(draft)
    with closing(sqlite3.connect(draft)) as database:
        # A torn write costs nothing that was committed, and readers never wait.
        database.execute("PRAGMA journal_mode = WAL")


def _let_optuna_make(draft: Path) -> None:
    """Make the tables as Optuna does, for a version whose tables are not known here."""
    from optuna.storages import RDBStorage

    RDBStorage(f"sqlite:///{draft}").engine.dispose()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes out: what holds nothing may only be replaced while nobody puts something there."""
    import fcntl

    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
