"""Studies that a person removed: out of the way, whole, until somebody brings them back or frees their room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sweeper.errors import InputError
from sweeper.study.checkpoints import FOLDER as CHECKPOINTS
from sweeper.study.storage.location import check_name, list_studies

FOLDER = "removed"
"""Folder of the runs folder with what was removed: ``removed/NAME/`` holds what ``studies/`` had of it."""


def files_of(runs: Path, study: str) -> list[Path]:
    """Everything on disk that is a study's own; its reports, and the files of its recorded runs, are not."""
    check_name(study)
    found = [runs / "studies" / f"{study}{ending}" for ending in (".db", ".db-wal", ".db-shm", ".url", ".models")]
    return [path for path in [*found, runs / CHECKPOINTS / study] if path.exists()]


def put_away(runs: Path, study: str) -> None:
    """Move a study out of the way.

    Raises:
        InputError: one of that name was removed before, and would be lost.
        OSError: it cannot be moved.
    """
    place = runs / FOLDER / study
    if place.exists():
        raise InputError(
            f"a study {study!r} was removed before", hint="sweeper doctor --free frees its room first", key="study"
        )
    for path in sorted(files_of(runs, study), key=lambda path: path.suffix != ".db-wal"):  # the log before its database
        target = place / path.relative_to(runs)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def put_back(runs: Path, study: str) -> bool:
    """Bring back a study that was removed; whether there is one.

    Raises:
        InputError: there is one of that name again.
    """
    place = runs / FOLDER / study
    if not place.is_dir():
        return False
    if study in list_studies(runs):
        raise InputError(
            f"there is a study {study!r} again", hint=f"sweeper rename {study} NEW frees the name", key="study"
        )
    for path in list(_tops(place)):
        target = runs / path.relative_to(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    shutil.rmtree(place)
    return True


def removed(runs: Path) -> list[str]:
    """The names of the studies that were removed and can be brought back."""
    return sorted(path.name for path in (runs / FOLDER).glob("*") if path.is_dir())


def _tops(place: Path) -> Iterator[Path]:
    yield from (place / "studies").glob("*")
    yield from (place / CHECKPOINTS).glob("*")
