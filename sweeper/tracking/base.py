"""The contract of a tracker: a record of every run, written off the path of the training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweeper.records import EpochReport, TrialResult


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
        data: ``name``, ``digest`` and ``sizes`` of the data set.
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


class Tracker(ABC):
    """Records runs and studies. Calls return at once; a thread of the tracker's own writes them, in order."""

    @abstractmethod
    def open_study(self, study: str, facts: Mapping[str, Any]) -> str:
        """Open the parent run of a study, or go on with the one that it has; its run id. Blocks.

        `facts` are flat values (space, sampler, pruner, seed, data digest, command line): kept as parameters and tags.
        """

    @abstractmethod
    def record(self, run: RunRecord) -> str:
        """Write a run that ended, whole, as one batch; its run id, which is known at once.

        A run recorded twice (same study and number) is written once.
        """

    @abstractmethod
    def update(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Sequence[tuple[Path, str]] = (),
    ) -> None:
        """Add to a run: metrics, tags, and files, each with the artifact folder that it goes to."""

    @abstractmethod
    def close_study(self, study: str, status: str, summary: Mapping[str, float]) -> None:
        """End the parent run as FINISHED, FAILED or KILLED, with the study's summary as metrics."""

    @abstractmethod
    def flush(self) -> None:
        """Wait until everything is written. Raises SweeperError with what could not be."""

    @abstractmethod
    def close(self) -> None:
        """Flush, and end whatever this tracker left open as KILLED."""
