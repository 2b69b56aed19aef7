"""The record of every run: a contract with a writing and a reading half, MLflow behind it, and one in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sweeper.config.registry import Registry
from sweeper.tracking.base import RunReader, RunRecord, RunRef, StoredRun, StudyStatus, Tracker

__all__ = [
    "TRACKERS",
    "RunReader",
    "RunRecord",
    "RunRef",
    "StoredRun",
    "StudyStatus",
    "Tracker",
    "TrackerKind",
    "open_reader",
    "open_tracker",
]


def open_tracker(runs: Path, kind: str = "mlflow") -> Tracker:
    """The tracker of a runs folder, of a kind out of ``TRACKERS``. Returns before MLflow is imported."""
    return TRACKERS[kind].open(runs)


def open_reader(runs: Path, kind: str = "mlflow") -> RunReader:
    """The reading half of the tracker of a runs folder, which writes nothing there and needs no import of MLflow."""
    return TRACKERS[kind].read(runs)


@dataclass(frozen=True, slots=True)
class TrackerKind:
    """One kind of tracker.

    Attributes:
        name: of the kind.
        open: the writing half over a runs folder.
        read: the reading half over one, without the writing half.
    """

    name: str
    open: Callable[[Path], Tracker]
    read: Callable[[Path], RunReader]


def _mlflow(runs: Path) -> Tracker:
    from sweeper.tracking.mlflow.tracker import MlflowTracker

    return MlflowTracker(runs)


def _read_mlflow(runs: Path) -> RunReader:
    from sweeper.tracking.mlflow.reader import MlflowReader

    return MlflowReader(runs)


def _memory(runs: Path) -> Tracker:
    from sweeper.tracking.memory import MemoryTracker

    return MemoryTracker.over(runs)


def _read_memory(runs: Path) -> RunReader:
    return _memory(runs).reader


TRACKERS = Registry(
    "tracker", [TrackerKind("mlflow", _mlflow, _read_mlflow), TrackerKind("memory", _memory, _read_memory)]
)
