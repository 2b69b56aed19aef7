"""Entries on disk from the moment they are made until they are written: nothing is lost when MLflow is away.

An entry is what one call of a tracker has to write. ``runs/spool/`` has one folder for each tracker at work, named
after its process, with one file an entry. A later tracker takes over the folders of processes that have ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeper.system.process import Life, Process, this_process
from sweeper.tracking.base import RunRecord, StudyStatus
from sweeper.trial import report_from_json, result_from_json


@dataclass(frozen=True, slots=True)
class Open:
    """Open a study's parent run, or go on with it; `provenance` is of the process that does.

    `makes`: whether the run may be made at once where there is none; else another process is about to.
    """

    study: str
    facts: Mapping[str, Any]
    provenance: Mapping[str, str]
    time: float
    makes: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """Write a run that ended. `ref` names it for good."""

    ref: str
    run: RunRecord
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Update:
    """Add to a run, named by its id or by its ref; `artifacts` are paths with the folder that each goes to."""

    run_id: str
    ref: str
    time: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """End a study's parent run."""

    study: str
    status: StudyStatus
    summary: Mapping[str, float]
    time: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kill:
    """Close a run that its process left open."""

    run_id: str
    reason: str


Entry = Open | Record | Update | Close | Kill
_KINDS: dict[str, type[Entry]] = {"open": Open, "record": Record, "update": Update, "close": Close, "kill": Kill}


def dumps(entry: Entry) -> str:
    """An entry as one JSON document."""
    return json.dumps({"kind": type(entry).__name__.lower(), **asdict(entry)}, default=str)


def loads(document: str) -> Entry:
    """The entry that ``dumps`` wrote.

    Raises:
        ValueError, KeyError, TypeError: the document is torn, or of another version.
    """
    values: dict[str, Any] = json.loads(document)
    kind = _KINDS[values.pop("kind")]
    if kind is Record:
        values["run"] = _run(values["run"])
    return kind(**values)


def _run(values: dict[str, Any]) -> RunRecord:
    history = [report_from_json(report) for report in values.pop("history")]
    result = result_from_json(values.pop("result"))
    return RunRecord(**values, history=history, result=result)


class Spool:
    """The folder of one tracker, and what others left behind.

    Args:
        root: the folder of all spools, made when the first entry comes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mine = root / _folder_name(this_process())
        self._claimed: list[Path] = []
        self._number = 0

    def put(self, entry: Entry) -> Path:
        """Keep an entry, whole or not at all. Raises OSError where nothing can be written."""
        self._mine.mkdir(parents=True, exist_ok=True)
        self._number += 1
        path = self._mine / f"{self._number:08d}.json"
        draft = path.with_suffix(".draft")
        # No fsync: the rename survives the death of this process, and the studies' own storage a loss of power.
        draft.write_text(dumps(entry), encoding="utf-8")
        draft.replace(path)
        return path

    def keep(self, files: Sequence[Path]) -> list[str]:
        """Copies of files for the next entry, as paths from its folder. Raises OSError as ``put`` does."""
        home = self._mine / f"{self._number + 1:08d}.files"
        kept = [home / str(place) / file.name for place, file in enumerate(files)]
        for file, copy in zip(files, kept, strict=True):
            copy.parent.mkdir(parents=True)
            shutil.copyfile(file, copy)
        return [str(copy.relative_to(self._mine)) for copy in kept]

    def claim(self) -> list[Path]:
        """Take over the entries of trackers that have ended, oldest first."""
        folders = sorted(self._abandoned(), key=lambda folder: folder.stat().st_mtime_ns)
        return [path for folder in folders for path in self._take(folder)]

    def touch(self) -> None:
        """Give a sign of life to trackers that cannot see this process."""
        for folder in [self._mine, *self._claimed]:
            with contextlib.suppress(OSError):  # nothing waits in it
                os.utime(folder)

    def release(self) -> None:
        """Leave what is still here to the next tracker, whoever that will be; pid 0 says that nobody has it."""
        for folder in [self._mine, *self._claimed]:
            with contextlib.suppress(OSError):  # nothing was left, or nothing ever came
                folder.rename(self._root / _folder_name(Process(this_process().host, 0, "")))

    def _abandoned(self) -> Iterator[Path]:
        if not self._root.is_dir():
            return
        for folder in self._root.iterdir():
            process = _process(folder.name)
            if process is not None and process.life(folder.stat().st_mtime) is Life.ENDED:
                yield folder

    def _take(self, folder: Path) -> list[Path]:
        mine = self._root / _folder_name(this_process())
        try:
            folder.rename(mine)  # of two trackers that try, one succeeds
        except OSError:
            return []
        self._claimed.append(mine)
        for draft in mine.glob("*.draft"):
            draft.unlink(missing_ok=True)
        return sorted(mine.glob("*.json"))


def read(path: Path) -> Entry:
    """The entry in a file; the copies that it names are in the same folder.

    Raises:
        ValueError: it is torn; the file is set aside as ``.torn``.
    """
    try:
        entry = loads(path.read_text(encoding="utf-8"))
        if isinstance(entry, Update):
            return replace(entry, artifacts=[(str(path.parent / file), inside) for file, inside in entry.artifacts])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        path.replace(path.with_suffix(".torn"))
        raise ValueError(f"{path} cannot be read and is set aside as .torn") from error
    return entry


def forget(path: Path) -> None:
    """An entry is written: its file goes, and its folder with the last one."""
    path.unlink(missing_ok=True)
    shutil.rmtree(path.with_suffix(".files"), ignore_errors=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


def reject(path: Path) -> Path:
    """An entry can never be written: keep its file under the name that comes back, but do not try it again."""
    kept = path.with_suffix(".rejected")
    with contextlib.suppress(OSError):
        path.replace(kept)
    return kept


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries of one tracker that wait.

    Attributes:
        process: the tracker's.
        heard: when it last gave a sign of life, in seconds since the epoch.
        entries: how many.
    """

    process: Process
    heard: float
    entries: int

    @property
    def life(self) -> Life:
        """Whether the tracker runs."""
        return self.process.life(self.heard)


def waiting(root: Path) -> int:
    """How many entries wait in all spools."""
    return sum(1 for _ in root.glob("*/*.json"))


def list_waiting(root: Path) -> list[Waiting]:
    """What waits in each spool that has something."""
    found = []
    for folder in sorted(root.glob("*/")):
        process = _process(folder.name)
        entries = sum(1 for _ in folder.glob("*.json"))
        if process is not None and entries:
            found.append(Waiting(process, folder.stat().st_mtime, entries))
    return found


def set_aside(root: Path) -> tuple[list[Path], list[Path]]:
    """The entries that MLflow has refused, and those that cannot be read, of all spools."""
    return sorted(root.glob("*/*.rejected")), sorted(root.glob("*/*.torn"))


def readmit(paths: Sequence[Path]) -> None:
    """Let entries that were refused be tried again by the next tracker that takes over their folders."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            path.replace(path.with_suffix(".json"))


def _folder_name(process: Process) -> str:
    return f"{process.label}~{os.urandom(4).hex()}"


def _process(name: str) -> Process | None:
    return Process.from_label(name.rpartition("~")[0])
