"""``sweeper rm``: a study or a run put out of the way, listed first, and brought back by ``doctor --restore``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeper.errors import InputError
from sweeper.jobs.shared.room import size_of
from sweeper.jobs.shared.subjects import is_study
from sweeper.study.overview import overview
from sweeper.study.plan import ignore
from sweeper.study.removed import files_of, put_away
from sweeper.study.session import check_writable, recording
from sweeper.study.storage.location import list_studies
from sweeper.tracking import open_reader
from sweeper.tracking.recorded import find_run


@dataclass(frozen=True)
class Removal:
    """What would be removed.

    Attributes:
        called: as it was asked for.
        studies: names; a search's with those of its repeats on fresh seeds.
        runs: ids of recorded runs.
        bytes: on disk, of the studies' own files.
        trials: of the studies.
    """

    called: str
    studies: tuple[str, ...]
    runs: tuple[str, ...]
    bytes: int
    trials: int

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "name": self.called,
            "studies": list(self.studies),
            "runs": list(self.runs),
            "trials": self.trials,
            "bytes": self.bytes,
        }


def removal(called: str, runs: Path) -> Removal:
    """What a name stands for, looked up; nothing is changed.

    Raises:
        InputError: there is no such thing, or it runs.
    """
    check_writable(runs)
    reader = open_reader(runs)
    if not is_study(called, runs):
        _refuse_trial(called, runs)
        found = find_run(reader, called)
        if found.record.study:
            hint = f"sweeper rm {found.record.study} removes all of it"
            raise InputError(f"{found.title} is a trial: a study is removed whole", hint=hint, key="name")
        return Removal(called, (), (found.run_id,), 0, 0)
    studies = [called, *(name for name in list_studies(runs) if name.startswith(f"{called[:80]}-confirm-"))]
    found_ones = [overview(runs, study) for study in studies]
    busy = next((one for one in found_ones if one.state == "running"), None)
    if busy is not None:
        who = ", ".join(f"process {driver['pid']} on {driver['host']}" for driver in busy.drivers)
        raise InputError(f"the study {busy.study} is running: {who}", hint="end it with Ctrl-C first", key="study")
    recorded = tuple(run.run_id for study in studies for run in reader.runs(study=study))
    size = sum(size_of(path) for study in studies for path in files_of(runs, study))
    trials = sum(one.done + one.failed for one in found_ones)
    return Removal(called, tuple(studies), recorded, size, trials)


def _refuse_trial(called: str, runs: Path) -> None:
    """Say of ``STUDY:N`` that a study is removed whole: what was chosen, was chosen among all its trials."""
    study, _, number = called.rpartition(":")
    if not (number.isdecimal() and is_study(study, runs)):
        return
    message = f"{called} is one trial of the study {study}, and single trials are not removed"
    raise InputError(message, hint=f"sweeper rm {study} removes the study with all its trials", key="name")


def remove(what: Removal, runs: Path) -> dict[str, Any]:
    """Put it away: recorded runs as MLflow deletes them, studies into ``runs/removed``; nothing is lost yet.

    Raises:
        SweeperError: the record does not answer.
    """
    if what.runs:
        with recording(runs, ignore) as tracker:
            tracker.delete(what.runs)
    for study in what.studies:
        put_away(runs, study)
    return what.to_json()
