"""The contract of a tracker: a record of every run, written off the path of the training."""

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


class Tracker(ABC):
    """Records runs and studies. A thread of the tracker's own writes, in order: no call but those that say so waits."""

    @abstractmethod
    def open_study(self, study: str, facts: Mapping[str, Any]) -> Future[str]:
        """Open the parent run of a study, or go on with the one that it has; its run id to be.

        `facts` are flat values (space, sampler, pruner, seed, data digest): kept as tags.
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
        """The trials of a study that are written, or on their way: number to run id ("" on the way). Waits."""

    @abstractmethod
    def reconcile(self) -> list[str]:
        """Close as killed what a dead driver left open; the ids of those runs. Waits."""

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
