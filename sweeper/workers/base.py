"""The contract of every pool of workers; tests/contracts runs one suite over all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Self, final

from sweeper.trial import Event, TrialSpec
from sweeper.workers.files import HERE, Files, LocalFiles


class Pool(ABC):
    """Workers that turn groups of trials into reports and results.

    A group is trained together in one worker, so its trials must be of one structure
    (``sweeper.config.structure``). Every trial that is submitted ends in exactly one
    ``TrialResult`` or is named in exactly one ``WorkerLost``.
    """

    size: int

    @abstractmethod
    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        """Queue a group; an idle worker takes it at once. Does not block.

        Args:
            group: trials of one structure.
            files: finds the files that its specs and its results name.
        """

    @abstractmethod
    def poll(self, timeout: float) -> list[Event]:
        """What was said since the last poll, in order for each trial; waits up to `timeout` seconds for some."""

    @abstractmethod
    def stop(self, key: str) -> None:
        """Ask that a trial stop at its next report. A trial that has ended, or is not known, is no error."""

    @property
    @abstractmethod
    def free_workers(self) -> int:
        """How many more groups could be started at once (idle workers with nothing queued)."""

    def files(self, runs: Path) -> Files:
        """How a driver exchanges files with these workers: below its runs folder, where all are on one file system."""
        return LocalFiles(runs)

    @abstractmethod
    def close(self) -> None:
        """End all workers and wait for them; leaves no process behind. May be called twice."""

    @final
    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end, whatever happens."""
        return self

    @final
    def __exit__(self, *_: object) -> None:
        self.close()
