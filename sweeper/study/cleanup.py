"""What dead processes have left: trials that count as running, and checkpoints that may be of no use any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweeper import checkpoint
from sweeper.errors import SweeperError
from sweeper.study.checkpoints import FOLDER, owner
from sweeper.study.converters import quiet_optuna
from sweeper.study.open_study import Leases
from sweeper.study.storage.connect import explained, find, open_store
from sweeper.study.storage.location import list_studies, settle
from sweeper.study.study_record import drivers_of, load_study
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


def release(runs: Path, study: str) -> list[int]:
    """Put the trials of dead drivers back into the queue, with their values; the numbers of those trials.

    Raises:
        InputError: the study cannot be written.
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna(), explained(f"the study {study!r}"):
        store = open_store(settle(runs, study))
        try:
            study_id = find(store.backend, study)
            leases = Leases.read(store.backend.get_study_user_attrs(study_id))
            trials = {trial.number: trial for trial in store.backend.get_all_trials(study_id, deepcopy=False)}
            abandoned = [trials[n] for n, driver in drivers_of(trials.values()).items() if not leases.alive(driver)]
            store.release([trial._trial_id for trial in abandoned])  # noqa: SLF001 - the storage names trials so
        finally:
            store.close()
    return [trial.number for trial in abandoned]


def left(runs: Path) -> list[Left]:
    """The checkpoints that no living process has, the oldest first; nothing is changed."""
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
        record = load_study(runs, study)
    except SweeperError:
        return []
    over = {trial.number for trial in record.trials}

    def ended(key: str) -> bool:
        return int(key.rpartition("/")[2]) in over

    return [_left(path, "", ended) for path in paths if not record.leases.alive(path.name.partition("-")[0])]


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
