"""The record of every run: a contract, MLflow behind it, and one that keeps it in memory."""

from __future__ import annotations

from pathlib import Path

from sweeper.tracking.base import RunRecord, RunRef, StudyStatus, Tracker

__all__ = ["RunRecord", "RunRef", "StudyStatus", "Tracker", "open_tracker"]


def open_tracker(runs: Path, *, mlflow: bool = True) -> Tracker:
    """The tracker of a runs folder; without `mlflow`, one that forgets. Returns before MLflow is imported."""
    if not mlflow:
        from sweeper.tracking.memory import MemoryTracker

        return MemoryTracker()
    from sweeper.tracking.mlflow.tracker import MlflowTracker

    return MlflowTracker(runs)
