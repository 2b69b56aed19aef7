"""Where a study is kept: a file of its own, or a database whose address the runs folder remembers.

A name stands for one study in a runs folder, so every command finds a study by its name alone. An address is kept
without its password: that comes from ``SWEEPER_STORAGE``, or from wherever the database's driver finds one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import sqlalchemy

from sweeper.errors import InputError, SweeperError
from sweeper.study.storage.creation import is_begun
from sweeper.system.addresses import redact
from sweeper.system.files import atomic_write

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
VARIABLE = "SWEEPER_STORAGE"
"""The environment variable with the address of a database of studies."""

EXAMPLES = "such as sqlite:///sweep.db or postgresql+psycopg://user@host/sweeps (with its driver installed)"
_SECRETS = ("password", "passwd", "sslpassword")


_given: dict[str, str] = {}
"""Addresses as this process was given them, by what is kept of them: a command needs its password to its end."""


def check_name(study: str) -> str:
    """The study's name, if it can be one: it becomes a file name, and must not leave its folder.

    Raises:
        InputError: it cannot.
    """
    if not NAME.fullmatch(study):
        raise InputError(
            f"{study!r} cannot be the name of a study",
            hint="use letters, digits, dots, dashes and underscores, beginning with a letter or digit (at most 100)",
            key="study",
        )
    return study


def study_file(runs: Path, study: str) -> Path:
    """The file of a study's own database."""
    return runs / "studies" / f"{check_name(study)}.db"


def database(runs: Path, study: str, url: str = "") -> str:
    """The address of the database that a study is in; empty for a file of its own.

    Args:
        runs: the runs folder.
        study: its name.
        url: where it is if the folder knows nothing of it; SWEEPER_STORAGE if that is not given either.
    """
    if is_begun(study_file(runs, study)):
        return ""
    known, given = remembered(runs, study), os.environ.get(VARIABLE, "").strip()
    if given:
        without_password(given)  # or it is said here what is wrong with it
    if known:
        own = _given.get(known, known)
        return next((each for each in (url, given) if each and without_password(each) == known), own)
    return url or given


def settle(runs: Path, study: str, url: str = "") -> str:
    """The same for somebody who asks for a place: a name stands for one study, so it can only be the one it has.

    Raises:
        InputError: the folder has a study of that name elsewhere, or the address is none that can keep a study.
    """
    url = url or database(runs, study)
    if not url:
        return ""
    asked, own = without_password(url), study_file(runs, study)
    where = str(own) if is_begun(own) else remembered(runs, study) or asked
    if where != asked:
        raise InputError(
            f"the study {study!r} is kept in {where}, not in {asked}",
            hint="leave --storage out to go on with it, or give another --study",
            key="--storage",
        )
    file = sqlite_path(url)
    if file is None and asked.startswith("sqlite"):
        raise InputError(f"{url!r} names no file: what is in memory would be lost", hint=EXAMPLES, key="--storage")
    if file is not None and not file.parent.is_dir():
        raise InputError(f"the folder {file.parent} of --storage is not there", hint="make it first", key="--storage")
    return url


def remember(runs: Path, study: str, url: str) -> None:
    """Keep where a study is, for every later command.

    Raises:
        SweeperError: the folder cannot be written.
    """
    kept = without_password(url)
    if sqlite_path(url) is None:
        _given[kept] = url
    path, text = _note(runs, study), f"{kept}\n"
    try:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with atomic_write(path, path.with_suffix(".part")) as file:
                file.write(text.encode())
    except OSError as error:
        raise SweeperError(f"{path} cannot be written: {error.strerror}", hint="the same command goes on") from error


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
        raise InputError(f"{redact(url)!r} is not the address of a database", hint=EXAMPLES, key="--storage") from error
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


def _note(runs: Path, study: str) -> Path:
    return runs / "studies" / f"{check_name(study)}.url"
