"""The record of every run: a contract with a writing and a reading half, MLflow behind it, and one in memory."""

from __future__ import annotations

from pathlib import Path

from sweeper.tracking.base import RunReader, RunRecord, RunRef, StoredRun, StudyStatus, Tracker
from sweeper.tracking.registry import TRACKERS

__all__ = [
    "TRACKERS",
    "RunReader",
    "RunRecord",
    "RunRef",
    "StoredRun",
    "StudyStatus",
    "Tracker",
    "open_reader",
    "open_tracker",
]


def open_tracker(runs: Path, kind: str = "mlflow") -> Tracker:
    """The tracker of a runs folder, of a kind out of ``TRACKERS``. Returns before MLflow is imported."""
    return TRACKERS[kind].open(runs)


def open_reader(runs: Path, kind: str = "mlflow") -> RunReader:
    """The reading half of the tracker of a runs folder, which writes nothing there and needs no import of MLflow."""
    return TRACKERS[kind].read(runs)
