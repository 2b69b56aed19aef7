"""Files that travel between the driver's runs folder and a worker's folder on its node."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeper.system.files import write_whole
from sweeper.trial import EpochReport, StepReport, TrialResult, TrialSpec
from sweeper.workers.base import Event, Files, WorkerLost


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file by its name, and what is in it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """An event, and the files that the driver shall have before it hears of it."""

    event: Event
    parcels: tuple[Parcel, ...] = ()


class NodeFiles(Files):
    """Names below a folder of the node; a name that is an absolute path on the driver's machine is, too.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, name: str) -> Path:
        """Where it was put with its group."""
        return self.draft(name)

    def draft(self, name: str) -> Path:
        """Below the folder."""
        return self._root / "paths" / name[1:] if name.startswith("/") else self._root / "names" / name

    def publish(self, name: str) -> None:
        """Nothing to do: the actor looks at every event."""

    def clear(self) -> None:
        """Delete everything: the driver has got it."""
        for part in ("names", "paths"):
            shutil.rmtree(self._root / part, ignore_errors=True)

    def name(self, path: Path) -> str:
        """As the driver calls it."""
        kind, *parts = path.relative_to(self._root).parts
        return ("/" if kind == "paths" else "") + "/".join(parts)


class Outgoing:
    """What the trials of one group have written, and the driver has not got yet.

    Args:
        group: the trials.
        files: finds what they write.
    """

    def __init__(self, group: Sequence[TrialSpec], files: NodeFiles) -> None:
        """Nothing is written, but for the checkpoint that the group came with."""
        self._specs = {spec.key: spec for spec in group}
        self._files = files
        self._sent = {spec.checkpoint: _stamp(files.fetch(spec.checkpoint)) for spec in group if spec.checkpoint}

    def with_files(self, event: Event) -> Said:
        """An event with what goes with it: the last checkpoint, and a result's models."""
        if isinstance(event, WorkerLost):
            return Said(event, tuple(self._checkpoints(event.keys)))
        if isinstance(event, TrialResult):
            return Said(event, (*self._checkpoints([event.key]), *map(self._parcel, event.models)))
        if isinstance(event, StepReport | EpochReport):
            return Said(event, tuple(self._checkpoints([event.key])))
        return Said(event)

    def _checkpoints(self, keys: Sequence[str]) -> Iterator[Parcel]:
        for name in dict.fromkeys(self._specs[key].checkpoint for key in keys if key in self._specs):
            if name and (stamp := _stamp(self._files.fetch(name))) != self._sent[name]:
                self._sent[name] = stamp
                if stamp:
                    yield self._parcel(name)

    def _parcel(self, name: str) -> Parcel:
        return Parcel(name, self._files.fetch(name).read_bytes())


def pack(name: str, files: Files) -> Parcel | None:
    """A file of the driver; None where there is none."""
    try:
        return Parcel(name, files.fetch(name).read_bytes())
    except FileNotFoundError:
        return None


def put(parcel: Parcel, files: Files) -> None:
    """Write a file where it belongs on this side.

    Raises:
        OSError: it cannot be written.
    """
    path = files.draft(parcel.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, parcel.content)


def _stamp(path: Path) -> tuple[int, int]:
    """Changes with every new file of that name; (0, 0) where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns
