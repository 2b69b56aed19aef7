"""The kinds of trackers, one row each: commands and the conformance suite take them from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sweeper.tracking.base import RunReader, Tracker


@dataclass(frozen=True, slots=True)
class TrackerKind:
    """One kind of tracker.

    Attributes:
        open: the writing half over a runs folder.
        read: the reading half over one, without the writing half.
    """

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


TRACKERS = {"mlflow": TrackerKind(_mlflow, _read_mlflow), "memory": TrackerKind(_memory, _read_memory)}
