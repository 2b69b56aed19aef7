"""The contract of a tracker: a record of every run, written off the path of the training, and read back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, final

from sweeper.errors import SweeperError
from sweeper.trial import EpochReport, TrialResult

RunRef = str | Future[str]
"""A run: its id, or what ``record`` and ``open_study`` gave back for it."""

StudyStatus = Literal["finished", "failed", "interrupted"]

RunState = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
"""MLflow's states of a run."""

Curves = dict[str, list[tuple[int, float]]]
"""Every value of each metric, with its step."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that one run (a single run, or a trial of a study) leaves behind.

    Attributes:
        name: shown in the list of runs.
        config: resolved, as plain values.
        overrides: as they were typed (or asked by the sampler), one ``KEY=VALUE`` each.
        history: its validations, in order.
        result: how it ended.
        started, ended: seconds since the epoch.
        study: the study's name, and `number` the trial's; empty and None for a single run.
        tags: more of them, such as who asked, or the trial's state in Optuna.
        interrupted: why it was cut short before it had a result (``Ctrl-C``, say); empty for a run that ended.
        score: what it is judged by, best first in lists; None for a run that did not come to its end.
    """

    name: str
    config: dict[str, Any]
    overrides: Sequence[str]
    history: Sequence[EpochReport]
    result: TrialResult
    started: float
    ended: float
    study: str = ""
    number: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    interrupted: str = ""
    score: float | None = None


@dataclass(slots=True)
class StoredRun:
    """A run as it is kept: what a tracker wrote, read back.

    `metrics` holds the last value of each; `started` and `ended` are seconds since the epoch; `artifacts` is the
    recorded address of its files, which ``RunReader.folder`` makes a folder of; `deleted`: in the tracker's own pages.
    """

    run_id: str
    name: str
    status: RunState
    started: float
    ended: float | None
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    artifacts: str = ""
    deleted: bool = False


class RunReader(ABC):
    """The reading half: what is recorded, as it stands when it is asked. Nothing is written."""

    @abstractmethod
    def runs(
        self, *, study: str = "", ref: str = "", status: str = "", called: str = "", deleted: bool | None = False
    ) -> list[StoredRun]:
        """Runs, oldest first; none where nothing is recorded yet.

        Args:
            study: only this study's parent and trials.
            ref: only the run with this ref (``describe.trial_ref``).
            status: only runs in this state.
            called: only runs of this name, or whose id begins with it.
            deleted: only those that were deleted; None for these as well.

        Raises:
            SweeperError: the record cannot be read.
        """

    @abstractmethod
    def curves(self, run: StoredRun) -> Curves:
        """Every value of each of a run's metrics with its step, in order; raises as ``runs`` does."""

    @property
    @abstractmethod
    def deleted(self) -> bool:
        """Whether the record as a whole was deleted, and can be brought back; raises as ``runs`` does."""

    @abstractmethod
    def folder(self, run: StoredRun) -> Path | None:
        """The folder of a run's files, there or not; None where they are on another machine."""

    @abstractmethod
    def download(self, run: StoredRun, name: str) -> Path | None:
        """A copy of a file or folder of a run on another machine; None where it is not there."""

    @final
    def artifact(self, run: StoredRun, name: str) -> Path | None:
        """One of a run's files or folders, from another machine as a copy; None where it is not there."""
        folder = self.folder(run)
        if folder is None:
            return self.download(run, name)
        return folder / name if (folder / name).exists() else None


class Tracker(ABC):
    """The writing half: records runs and studies.

    A thread of the tracker's own writes, in order: no call but those that say so waits. What was deleted stays so: a
    trial that was deleted counts as recorded, and nothing is added to it.
    """

    @property
    @abstractmethod
    def reader(self) -> RunReader:
        """The reading half over the same record."""

    @abstractmethod
    def open_study(self, study: str, facts: Mapping[str, Any], *, makes: bool = True) -> Future[str]:
        """Open the parent run of a study, or go on with the one that it has; its run id to be.

        Args:
            study: its name.
            facts: flat values (space, sampler, pruner, seed, data digest), kept as tags.
            makes: whether the run may be made at once where there is none; else another process is about to do so.
        """

    @abstractmethod
    def record(self, run: RunRecord) -> Future[str]:
        """Write a run that ended, whole; its run id to be. A trial that is recorded twice is written once.

        The files of ``result.models`` are moved into the run's artifacts. A single run is another one each time.
        """

    @abstractmethod
    def update(
        self,
        run: RunRef,
        *,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Sequence[tuple[Path, str]] = (),
    ) -> None:
        """Add to a run: metrics, tags, and copies of files, each with its artifact folder ("" for the top).

        The copies are taken at once: the files may change or go when this returns.
        """

    @abstractmethod
    def close_study(self, study: str, status: StudyStatus, summary: Mapping[str, float]) -> None:
        """End the parent run, with the study's summary as metrics."""

    @abstractmethod
    def recorded(self, study: str) -> dict[int, str]:
        """The trials of a study that are written, were deleted, or are on their way: number to run id ("" on the way).

        Waits for the record.
        """

    @abstractmethod
    def reconcile(self) -> list[str]:
        """Close as killed what a dead driver left open; the ids of those runs. Waits."""

    @abstractmethod
    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete runs as the tracker's own pages do, so that ``restore`` brings them back. Waits.

        Raises:
            SweeperError: the record does not answer.
        """

    @abstractmethod
    def restore(self, run_ids: Sequence[str]) -> None:
        """Bring back deleted runs; where the whole record was deleted, all of it. Waits.

        Raises:
            SweeperError: the record does not answer.
        """

    @abstractmethod
    def rename_study(self, old: str, new: str, *, deleted: bool = True) -> int:
        """Give a study's runs, and what began warm with it, its new name; how many runs there were. Waits.

        All or, where the store knows no such thing, one after the other: the same again does the rest. Names that a
        person gave to single runs of it stay.

        Args:
            old: its name until now.
            new: its name from now on.
            deleted: its deleted runs as well.

        Raises:
            SweeperError: the record does not answer, or entries wait for it.
        """

    @abstractmethod
    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run another name. Waits.

        Raises:
            SweeperError: the record does not answer.
        """

    @abstractmethod
    def check(self) -> None:
        """Make sure that what is recorded now will be kept, as far as that can be said at once.

        Raises:
            InputError: the whole record was deleted.
            SweeperError: it cannot be read.
        """

    @abstractmethod
    def flush(self) -> int:
        """Wait until everything is written, or safe in a file that the next tracker sends on; how many are the latter.

        Their run ids come out as "". Raises SweeperError with what could not be written and never will be.
        """

    @property
    @abstractmethod
    def trouble(self) -> str:
        """Why something is not written yet, in one line without secrets; empty where all is well."""

    @abstractmethod
    def close(self) -> None:
        """Flush, and end as killed the studies that this tracker has open. May be called twice."""

    @final
    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end, whatever happens."""
        return self

    @final
    def __exit__(self, error: object, *_: object) -> None:
        try:
            self.close()
        except SweeperError:
            if error is None:  # what went wrong first is what has to be said
                raise
