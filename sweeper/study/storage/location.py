"""Where a study is kept: a file of its own, or a database whose address the runs folder remembers.

A name stands for one study in a runs folder, so every command finds a study by its name alone. An address is kept
without its password: that comes from ``SWEEPER_STORAGE``, or from wherever the database's driver finds one.

A file is there with all of Optuna's tables or not at all, however its creation ends. Optuna makes them one by one,
which takes a second and leaves a file that it never opens again where a process is killed meanwhile.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import sqlalchemy

from sweeper.errors import InputError, SweeperError
from sweeper.study.storage.renaming import check_settled
from sweeper.system.addresses import literally, redact
from sweeper.system.files import atomic_write
from sweeper.system.sqlite import Tables, connect_read_only, create, keep_log, replace

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
VARIABLE = "SWEEPER_STORAGE"
"""The environment variable with the address of a database of studies."""

EXAMPLES = "such as sqlite:///sweep.db or postgresql+psycopg://user@host/sweeps (with its driver installed)"
TABLES = Tables(Path(__file__).with_name("schema.sql"), "optuna")
_SECRETS = ("password", "passwd", "sslpassword")


_given: dict[str, str] = {}
"""Addresses as this process was given them, by what is kept of them: a command needs its password to its end."""


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


@dataclass(frozen=True, slots=True)
class StudyLocation:
    """Where one study of a runs folder is, or would be.

    Attributes:
        runs: the runs folder.
        study: its name.
        url: address of the database; empty for a file of its own.
    """

    runs: Path
    study: str
    url: str = ""

    @property
    def file(self) -> Path | None:
        """The SQLite file, if it is one."""
        return sqlite_path(self.url) if self.url else study_file(self.runs, self.study)

    @property
    def shown(self) -> str:
        """The place, for people."""
        return without_password(self.url) if self.url else str(self.file)

    @property
    def is_new(self) -> bool:
        """Whether nobody ever began a study there, as far as files can tell."""
        file = self.file
        return file is not None and not is_begun(file) and not (self.url and self._remembered)

    def check(self) -> None:
        """Make sure that the study can be there: a name stands for one study, so it can only be where it is already.

        Raises:
            InputError: the folder has a study of that name elsewhere, or the address is none that can keep a study.
        """
        if not self.url:
            return
        asked, own = without_password(self.url), study_file(self.runs, self.study)
        where = str(own) if is_begun(own) else self._remembered or asked
        if where != asked:
            raise InputError(
                f"the study {self.study!r} is kept in {where}, not in {asked}",
                hint="leave --storage out to go on with it, or give another --study",
                key="--storage",
            )
        file = self.file
        if file is None and asked.startswith("sqlite"):
            raise InputError(
                f"{self.url!r} names no file: what is in memory would be lost", hint=EXAMPLES, key="--storage"
            )
        if file is not None and not file.parent.is_dir():
            raise InputError(
                f"the folder {file.parent} of --storage is not there", hint="make it first", key="--storage"
            )

    def remember(self) -> None:
        """Keep the address, for every later command.

        Raises:
            SweeperError: the folder cannot be written.
        """
        kept = without_password(self.url)
        if self.file is None:
            _given[kept] = self.url
        path, text = _note(self.runs, self.study), f"{kept}\n"
        try:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                with atomic_write(path, path.with_suffix(".part")) as file:
                    file.write(text.encode())
        except OSError as error:
            raise SweeperError(
                f"{path} cannot be written: {error.strerror}", hint="the same command goes on"
            ) from error

    @property
    def _remembered(self) -> str:
        return remembered(self.runs, self.study)


def locate(runs: Path, study: str, url: str = "") -> StudyLocation:
    """Where a study is that somebody wants to read.

    Args:
        runs: the runs folder.
        study: its name.
        url: where it is if the folder knows nothing of it; SWEEPER_STORAGE if that is not given either.

    Raises:
        InputError: it is on its way to another name.
    """
    check_settled(runs, study)
    if is_begun(study_file(runs, study)):
        return StudyLocation(runs, study)
    known, given = remembered(runs, study), os.environ.get(VARIABLE, "").strip()
    if given:
        without_password(given)  # or it is said here what is wrong with it
    if known:
        own = _given.get(known, known)
        found = next((each for each in (url, given) if each and without_password(each) == known), own)
        return StudyLocation(runs, study, found)
    return StudyLocation(runs, study, url or given)


def settle(runs: Path, study: str, url: str = "") -> StudyLocation:
    """The same for somebody who asks for a place; raises as ``StudyLocation.check`` does."""
    check_settled(runs, study)
    place = StudyLocation(runs, study, url) if url else locate(runs, study)
    place.check()
    return place


def check_name(study: str) -> str:
    """The study's name, if it can be one: it becomes a file name, and must not leave its folder.

    Raises:
        InputError: it cannot.
    """
    if not NAME.fullmatch(study):
        whole, _, number = study.rpartition(":")
        if number.isdecimal() and NAME.fullmatch(whole):
            told = f"{study} is one trial, and a whole study is needed"
            raise InputError(told, hint=f"name the study: {whole}", key="study", instead=(study, whole))
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", study).strip("._-")[:100]
        raise InputError(
            f"{study!r} cannot be the name of a study: letters, digits, dots, dashes and underscores, at most 100, "
            "beginning with a letter or digit",
            hint="give it another name",
            key="study",
            instead=(study, plain) if plain else None,
        )
    return study


def study_file(runs: Path, study: str) -> Path:
    """The file of a study's own database."""
    return runs / "studies" / f"{check_name(study)}.db"


def remembered(runs: Path, study: str) -> str:
    """The address that was kept, without its password; empty if there is none."""
    try:
        return _note(runs, study).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def list_studies(runs: Path) -> list[str]:
    """The names of the studies that a runs folder knows, sorted."""
    folder = runs / "studies"
    own = {path.stem for path in folder.glob("*.db") if is_begun(path)}
    return sorted(own | {path.stem for path in folder.glob("*.url")})


def without_password(url: str) -> str:
    """An address as it may be kept and shown; that of a SQLite file from the root on, wherever it is read from.

    Raises:
        InputError: it is no address.
    """
    try:
        parts = sqlalchemy.make_url(url)
    except (sqlalchemy.exc.ArgumentError, ValueError) as error:
        meant = (url, f"sqlite:///{url}") if url.endswith((".db", ".sqlite", ".sqlite3")) else None
        message = f"{redact(url)!r} is not the address of a database"
        raise InputError(message, hint=EXAMPLES, key="--storage", instead=meant) from error
    file = sqlite_path(url)
    place = parts.database if file is None else str(file.absolute())
    bare = sqlalchemy.URL.create(parts.drivername, parts.username, None, parts.host, parts.port, place, parts.query)
    return bare.difference_update_query(_SECRETS).render_as_string()


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None for any other, and for one in memory."""
    parts = sqlalchemy.make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database.startswith((":", "file:")):
        return None
    return Path(parts.database)


def create_tables(path: Path) -> Content:
    """Make the file of a study, unless somebody has begun one there; what it holds then.

    Raises:
        OSError, sqlite3.Error: it cannot be made; nothing is left of it.
    """
    found = read_content(path)
    if found is Content.NOTHING:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.parent):
            create(path, _fill)
            if (found := read_content(path)) is Content.NOTHING:
                replace(path, _fill)
                found = read_content(path)
    return found


def is_begun(path: Path) -> bool:
    """Whether a file holds a study, or something that is not to be judged here; nothing is written."""
    return read_content(path) in {Content.STUDY, Content.OTHER}


def read_content(path: Path) -> Content:
    """What a file holds; nothing is written."""
    if not path.is_file() or not path.stat().st_size:
        return Content.NOTHING
    try:
        with closing(connect_read_only(path, timeout=20)) as database:
            return _content(database)
    except sqlite3.Error:
        return Content.OTHER


def _content(database: sqlite3.Connection) -> Content:
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    studies = "studies" in there and database.execute("SELECT EXISTS (SELECT 1 FROM studies)").fetchone()[0]
    revisions = database.execute("SELECT * FROM alembic_version").fetchall() if "alembic_version" in there else []
    if revisions:  # Optuna writes it last
        known = TABLES.are_current and f"'{revisions[0][0]}'" in TABLES.text
        return Content.OTHER if not known else Content.STUDY if studies else Content.TABLES
    foreign = there - set(re.findall(r"CREATE TABLE (\w+)", TABLES.text))
    return Content.OTHER if foreign or studies else Content.NOTHING


def _fill(draft: Path) -> None:
    if TABLES.are_current:
        TABLES.make(draft)
    else:
        from optuna.storages import RDBStorage

        RDBStorage(literally(f"sqlite:///{draft}")).engine.dispose()
    keep_log(draft)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others out who ask so: what holds nothing is replaced, and a name changed, only while nobody else does."""
    import fcntl

    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _note(runs: Path, study: str) -> Path:
    return runs / "studies" / f"{check_name(study)}.url"
