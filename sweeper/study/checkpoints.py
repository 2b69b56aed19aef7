"""The checkpoints of a study's groups: one file each, found by the trials in it, and gone when they have ended."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeper import checkpoint
from sweeper.checkpoint import About
from sweeper.study.attempt import Attempt
from sweeper.system.process import Life, Process, this_process
from sweeper.trial import TrialSpec

FOLDER = "checkpoints"
"""Under the folder of output. It may be deleted at any time: what would have gone on begins again."""

EndedAt = Callable[[str], int | None]
"""The step that a trial, given by its key, was pruned at; 0 if it ended by itself, None if it has not ended."""


@dataclass(frozen=True)
class Found:
    """A group that can go on.

    Attributes:
        group: its number from now on.
        attempts: of this driver, that go on.
        about: what the checkpoint is of.
        ended: as ``EndedAt``, for the trials of the checkpoint that are not this driver's.
    """

    group: int
    attempts: tuple[Attempt, ...]
    about: About
    ended: Mapping[str, int | None]

    def specs(self, own: Sequence[TrialSpec]) -> list[TrialSpec]:
        """What to train: these, and beside them everybody who was there.

        Who has ended since ends where he did, so that the group shrinks when it did, and the bits are the same.
        """
        by_key = {spec.key: spec for spec in own}
        return [
            by_key.get(trial.key)
            or replace(own[0], key=trial.key, config=trial.config, model_dir="", until=self.ended[trial.key] or 0)
            for trial in self.about.running
        ]


class Checkpoints:
    """One driver's checkpoints, and those that other drivers of the study have left.

    Args:
        folder: of the study.
        driver: the id of the driver's lease.
        say: is given a line on each file that is of no use.
    """

    def __init__(self, folder: Path, driver: str, say: Callable[[str], None]) -> None:
        """Nothing is read or made."""
        self._folder, self._driver, self._say = folder, driver, say

    def path(self, group: int) -> Path:
        """The file of a group; a worker makes it if the training lasts long enough."""
        return self._folder / f"{self._driver}-{group}.npz"

    def find(self, attempts: Sequence[Attempt], ended_at: EndedAt, group: Callable[[], int]) -> list[Found]:
        """The groups that can go on with some of these attempts; a trial goes on from where it came furthest.

        Args:
            attempts: that nobody runs.
            ended_at: what has become of a trial that is not among them.
            group: gives a new group's number.
        """
        waiting = {attempt.key: attempt for attempt in attempts}
        found = []
        for path, about in self._all() if attempts else ():
            own = tuple(waiting.pop(trial.key) for trial in about.running if _is_of(trial, waiting))
            if not own:
                continue
            ours = {attempt.key for attempt in own}
            ended = {trial.key: ended_at(trial.key) for trial in about.running if trial.key not in ours}
            number = group()
            if self._adopt(path, number, shared=None in ended.values()):
                found.append(Found(number, own, about, ended))
            else:
                waiting |= {attempt.key: attempt for attempt in own}
        return found

    def forget(self, group: int) -> None:
        """A group needs its checkpoint no more; most have none."""
        with suppress(OSError):
            checkpoint.forget(self.path(group))

    def clear(self, alive: Callable[[str], bool]) -> None:
        """The study has nothing under way: delete what its drivers have left, but for those that are alive."""
        for path in self._folder.glob("*"):
            driver = path.name.partition("-")[0]
            if driver == self._driver or not alive(driver):
                with suppress(OSError):
                    path.unlink()
        with suppress(OSError):  # there is none, or another driver has something in it
            self._folder.rmdir()

    def _all(self) -> list[tuple[Path, About]]:
        """Those that can be read, the furthest first; another one is said to be of no use, and deleted."""
        readable = []
        for path in sorted(self._folder.glob("*.npz")):
            try:
                readable.append((path, checkpoint.read_about(path)))
            except FileNotFoundError:
                continue
            except ValueError as error:
                self._say(f"a checkpoint is of no use, and its trials begin again: {error}")
                with suppress(OSError):
                    path.unlink()
        return sorted(readable, key=lambda each: -each[1].step)

    def _adopt(self, path: Path, group: int, *, shared: bool) -> bool:
        """Make a checkpoint this driver's, if it is still there; one that another may go on with, too, is copied."""
        own = self.path(group)
        try:
            if shared:
                _copy(path, own)
            else:
                path.replace(own)
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class RunCheckpoint:
    """The checkpoint of a run without a study.

    Attributes:
        path: its file; a worker makes it if the training lasts long enough.
        copied: files of processes that may still run, from which it was copied, with their times of writing (ns).
    """

    path: Path
    copied: Mapping[Path, int] = field(default_factory=dict)

    def forget(self) -> None:
        """The run has ended: delete its checkpoint, and what it was copied from unless somebody wrote that since."""
        with suppress(OSError):
            checkpoint.forget(self.path)
        for path, written in self.copied.items():
            with suppress(OSError):
                if path.stat().st_mtime_ns == written:
                    path.unlink()


def claim(
    runs: Path, config: Mapping[str, Any], digest: str, say: Callable[[str], None] = lambda _: None
) -> RunCheckpoint:
    """The checkpoint of a run without a study, which goes on from where the same run came before.

    What an ended process has left is taken over. Where a process of another machine may still run, its checkpoint is
    copied: both then end with the same numbers, and neither has to know about the other.

    Args:
        runs: the folder of output.
        config: of the run, as plain values.
        digest: of its data.
        say: is given a line on a copy.
    """
    folder = runs / FOLDER
    of = hashlib.sha256(json.dumps([config, digest], sort_keys=True).encode()).hexdigest()[:16]
    own = folder / f"run~{of}~{this_process().label}.npz"
    copied = {}
    for path in sorted(folder.glob(f"run~{of}~*"), key=_written):
        process, written = owner(path), _written(path)
        life = process.life(written / 1e9) if process else Life.RUNNING
        with suppress(OSError):  # another process was faster
            if life is Life.ENDED:
                path.replace(own.with_suffix(path.suffix))
            elif process and life is Life.UNKNOWN and path.suffix == own.suffix:
                _copy(path, own)
                copied[path] = written
                say(
                    f"goes on from a checkpoint of process {process.pid} on {process.host}, which cannot be seen from "
                    "here; if it runs as well, both end with the same numbers"
                )
    return RunCheckpoint(own, copied)


def owner(path: Path) -> Process | None:
    """The process that a run's checkpoint belongs to; None where its name has none."""
    return Process.from_label(path.stem.split("~", 2)[-1])


def _written(path: Path) -> int:
    """When a file was written, in nanoseconds since the epoch; 0 where it is gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _copy(path: Path, to: Path) -> None:
    draft = to.with_suffix(".part")
    shutil.copyfile(path, draft)
    draft.replace(to)


def _is_of(trial: checkpoint.SavedTrial, waiting: Mapping[str, Attempt]) -> bool:
    """Whether a trial of a checkpoint waits, and is what it was then."""
    attempt = waiting.get(trial.key)
    return (
        attempt is not None
        and attempt.drawn is not None
        and checkpoint.same(attempt.drawn.config.to_dict(), trial.config)
    )
