"""A study under another name: in its database, its files, and the studies that began warm with it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy
from sqlalchemy import text

from sweeper.errors import InputError, SweeperError
from sweeper.study.converters import FIRST_NAME, WARM, quiet_optuna
from sweeper.study.opening import IDENTITY
from sweeper.study.removed import files_of
from sweeper.study.storage.connect import explained, open_store, reading
from sweeper.study.storage.location import StudyLocation, check_name, is_begun, list_studies, locate, study_file

_PATIENCE = 10.0
"""Seconds that readers of a study's file have to let go of it."""


def check_free(runs: Path, new: str, old: str) -> None:
    """Make sure that a study can have a name.

    Raises:
        InputError: there is a study of that name, or the name can be no study's.
    """
    check_name(new)
    if new in list_studies(runs):
        raise InputError(f"there is a study {new!r} already", hint="give another name", key="new")
    place = locate(runs, old)
    if place.url:
        with quiet_optuna(), reading(place) as backend:
            if any(found.study_name == new for found in backend.get_all_studies()):
                where = f"there is a study {new!r} already in {place.shown}"
                raise InputError(where, hint="give another name", key="new")


def rename_study(runs: Path, old: str, new: str) -> None:
    """Give a study another name in its database, and then move its files; what is done already is passed over.

    Raises:
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna(), explained(f"the study {old!r}"):
        if not study_file(runs, new).exists():  # its file moves last
            _in_database(locate(runs, old if old in list_studies(runs) else new), old, new)
        _move(runs, old, new)


def rename_past(runs: Path, old: str, new: str) -> None:
    """Tell the studies that began warm with the trials of a study how it is called now."""
    for study in list_studies(runs):
        place = locate(runs, study)
        with quiet_optuna(), reading(place) as backend:
            found = [one for one in backend.get_all_studies() if one.study_name == study]
            kept = backend.get_study_user_attrs(found[0]._study_id).get(IDENTITY, {}) if found else {}  # noqa: SLF001
        if old in str(kept.get("past", "")).split(","):
            _writing(place, lambda rows, study=study: _past_in(rows, study, old, new))  # type: ignore[misc]


def _in_database(place: StudyLocation, old: str, new: str) -> None:
    """The name among the studies of a database; the first one stays, as Hyperband draws by it."""

    def rename(rows: sqlalchemy.Connection) -> None:
        found = rows.execute(text("SELECT study_id FROM studies WHERE study_name = :old"), {"old": old}).first()
        if found is None:
            return
        first = {"study": found[0], "key": FIRST_NAME, "value": json.dumps(old)}
        known = "SELECT 1 FROM study_user_attributes WHERE study_id = :study AND key = :key"
        if rows.execute(text(known), first).first() is None:
            put = "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (:study, :key, :value)"
            rows.execute(text(put), first)
        changed = {"new": new, "study": found[0]}
        rows.execute(text("UPDATE studies SET study_name = :new WHERE study_id = :study"), changed)

    _writing(place, rename)


def _past_in(rows: sqlalchemy.Connection, study: str, old: str, new: str) -> None:
    [study_id] = rows.execute(text("SELECT study_id FROM studies WHERE study_name = :name"), {"name": study}).one()
    which = {"study": study_id, "key": IDENTITY}
    where = "FROM study_user_attributes WHERE study_id = :study AND key = :key"
    [kept] = rows.execute(text(f"SELECT value_json {where}"), which).one()
    identity = json.loads(kept)
    identity["past"] = ",".join(new if name == old else name for name in identity["past"].split(","))
    put = "UPDATE study_user_attributes SET value_json = :value WHERE study_id = :study AND key = :key"
    rows.execute(text(put), which | {"value": json.dumps(identity)})
    warm = (
        "SELECT trial_user_attribute_id, value_json FROM trial_user_attributes WHERE key = :key "
        "AND trial_id IN (SELECT trial_id FROM trials WHERE study_id = :study)"
    )
    for row, value in rows.execute(text(warm), {"key": WARM, "study": study_id}).all():
        name, _, number = json.loads(value).rpartition(":")
        if name == old:
            renamed = {"row": row, "value": json.dumps(f"{new}:{number}")}
            set_ = "UPDATE trial_user_attributes SET value_json = :value WHERE trial_user_attribute_id = :row"
            rows.execute(text(set_), renamed)


def _writing(place: StudyLocation, act: Callable[[sqlalchemy.Connection], None]) -> None:
    store = open_store(place)
    try:
        with store.backend.engine.begin() as rows:
            act(rows)
    finally:
        store.close()


def _move(runs: Path, old: str, new: str) -> None:
    """Move a study's files, its database last, and alone: SQLite's log is folded into it before."""
    database = study_file(runs, old)
    if is_begun(database):
        _fold(database)
    left = [path for path in files_of(runs, old) if path.suffix not in {".db-wal", ".db-shm"}]
    for path in sorted(left, key=lambda path: path == database):
        path.rename(path.with_name(f"{new}{path.name.removeprefix(old)}"))
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)


def _fold(database: Path) -> None:
    """Fold the log of a database into it.

    Raises:
        SweeperError: somebody reads it all the time.
    """
    limit = time.monotonic() + _PATIENCE
    with closing(sqlite3.connect(database, timeout=_PATIENCE)) as connection:
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > limit:
                raise SweeperError(f"{database} is being read by somebody else", hint="the same command goes on")
            time.sleep(0.1)
