"""Checkpoints that killed processes have left: which of them something can still go on from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweeper import checkpoint
from sweeper.errors import SweeperError
from sweeper.study.checkpoints import FOLDER, owner
from sweeper.study.quiet import quiet_optuna
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.lease import Leases
from sweeper.study.storage.location import list_studies
from sweeper.study.study_record import load_study
from sweeper.system.process import Life


@dataclass(frozen=True, slots=True)
class Left:
    """A file under ``runs/checkpoints`` that no process has of which it is known that it runs.

    Attributes:
        path: of the file.
        size: bytes.
        written: seconds since the epoch.
        useless: why nothing will ever go on from it; empty where something can.
    """

    path: Path
    size: int
    written: float
    useless: str


def left(runs: Path) -> list[Left]:
    """All of them, the oldest first; nothing is changed."""
    folder = runs / FOLDER
    found = [each for path in folder.glob("run~*") for each in _of_run(path)]
    for study in folder.glob("*/"):
        found += _of_study(runs, study)
    return sorted(found, key=lambda each: each.written)


def discard(found: Iterable[Left]) -> None:
    """Delete those that are of no use, and the folders that are empty then.

    Raises:
        OSError: one cannot be deleted.
    """
    for each in found:
        if each.useless:
            each.path.unlink(missing_ok=True)
            with suppress(OSError):  # another one is in it
                each.path.parent.rmdir()


def _of_study(runs: Path, folder: Path) -> list[Left]:
    """Those of one study's dead drivers; where the study does not answer, they are left alone."""
    study, paths = folder.name, list(folder.iterdir())
    if study not in list_studies(runs):
        return [_left(path, "its study is gone") for path in paths]
    try:
        alive, told = _alive(runs, study), {trial.number for trial in load_study(runs, study).trials}
    except SweeperError:
        return []

    def ended(key: str) -> bool:
        return int(key.rpartition("/")[2]) in told

    return [_left(path, "", ended) for path in paths if not alive(path.name.partition("-")[0])]


def _alive(runs: Path, study: str) -> Callable[[str], bool]:
    with quiet_optuna(), reading(runs, study) as backend:
        return Leases.read(backend.get_study_user_attrs(find(backend, study))).alive


def _left(path: Path, gone: str, ended: Callable[[str], bool] = lambda _: False) -> Left:
    facts = path.stat()
    return Left(path, facts.st_size, facts.st_mtime, gone or _useless(path, ended))


def _useless(path: Path, ended: Callable[[str], bool]) -> str:
    if path.suffix != ".npz":
        return "it was never finished"
    try:
        running = checkpoint.read_about(path).running
    except ValueError:
        return "it is torn"
    return "its trials have ended" if all(ended(trial.key) for trial in running) else ""


def _of_run(path: Path) -> list[Left]:
    """That of a run without a study, unless the run goes on; of one that cannot be seen, the same command goes on."""
    process, facts = owner(path), path.stat()
    life = process.life(facts.st_mtime) if process else Life.ENDED
    if life is Life.UNKNOWN:
        return [Left(path, facts.st_size, facts.st_mtime, "")] if path.suffix == ".npz" else []
    return [_left(path, "")] if life is Life.ENDED else []
