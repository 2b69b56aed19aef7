"""The contract of every pool of workers, and the port for the files that it exchanges with them.

What crosses to a worker are names of files. Where the file of a name lies, each side asks its end of the port.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, final

from sweeper.config.schema import Dataset, Validation
from sweeper.data.split import Split
from sweeper.trial import EpochReport, Remark, StepReport, TrialResult, TrialSpec


class Files(ABC):
    """Files by name, for a driver and for workers that may be elsewhere. It travels to the workers by pickle."""

    @abstractmethod
    def fetch(self, name: str) -> Path:
        """Where to read the file of that name on this machine, brought here if need be; it may not exist."""

    @abstractmethod
    def draft(self, name: str) -> Path:
        """Where to write the file, or the folder, of that name on this machine."""

    @abstractmethod
    def publish(self, name: str) -> None:
        """Let the other side have what was written as that name; nothing happens where nothing was."""

    @abstractmethod
    def name(self, path: Path) -> str:
        """The name of a file below what ``draft`` gave."""


class LocalFiles(Files):
    """One file system for all: a name is a path below a folder.

    Args:
        root: the folder; names are paths as they stand where it is empty.
    """

    def __init__(self, root: Path | str = "") -> None:
        self._root = Path(root).absolute() if root else Path()

    def fetch(self, name: str) -> Path:
        """The file itself."""
        return self._root / name

    def draft(self, name: str) -> Path:
        """The file itself."""
        return self._root / name

    def publish(self, name: str) -> None:
        """Nothing to do: everybody sees the file."""

    def name(self, path: Path) -> str:
        """The path below the folder, or the path itself where it lies elsewhere."""
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)


HERE = LocalFiles()
"""Names are paths: for whoever gives a worker of this machine the path of a file."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker ended without a result (killed, out of memory, hung): these trials have none.

    Attributes:
        outside: somebody killed it (a signal that is not the kernel's for want of memory), so no trial is to blame.
    """

    keys: tuple[str, ...]
    reason: str
    outside: bool = False


Event = StepReport | EpochReport | TrialResult | WorkerLost | Remark


class Pool(ABC):
    """Workers that turn groups of trials into reports and results.

    A group is trained together in one worker, so its trials must be of one structure
    (``sweeper.config.structure``). Every trial that is submitted ends in exactly one
    ``TrialResult`` or is named in exactly one ``WorkerLost``.
    """

    size: int
    wants_examples: bool = False
    """Whether its workers would be glad of examples that the caller has read (``prepare``)."""

    @abstractmethod
    def start(self) -> None:
        """Start now what else starts with the first group, such as processes. Nothing happens where it has started."""

    def prepare(self, dataset: Dataset, validation: Validation, split: Split | None = None) -> None:  # noqa: B027 - most have no use for it
        """Say what data the first group will want, for workers that can load them while the caller goes on.

        Args:
            dataset: which.
            validation: what is held back of them.
            split: the same, where the caller has read them.
        """

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

    def leave(self) -> None:
        """Close, but let workers that have done all their work serve another driver, where somebody keeps them."""
        self.close()

    @final
    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end, whatever happens."""
        return self

    @final
    def __exit__(self, *_: object) -> None:
        self.close()
