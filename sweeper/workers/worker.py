"""What the pool knows of one worker process, and why it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sweeper.trial import TrialResult, TrialSpec
from sweeper.workers.base import Event, Files
from sweeper.workers.worker_main import Answer, Message


class Worker:
    """One worker: its pipe, its process, and the trials that it still owes a result.

    Attributes:
        ordered: when it was, on the pool's clock.
        pid: 0 until it is born.
        ready: has said so, and can only fail through a trial from now on.
        busy: has a group and has not yet said that it is idle.
        waiting: keys of the trials without a result, in order.
        mute: its pipe has closed.
        verdict: why the pool killed it; empty where it did not.
        memory_kills: the kernel's, since its last group began.
    """

    def __init__(self, pipe: Connection[Any, Any], ordered: float, first: Message = None) -> None:
        """Ordered, not yet born; its first message waits for it, if there is one."""
        self.pipe = pipe
        self.ordered = ordered
        self.pid = 0
        self.ready = False
        self.busy = False
        self.waiting: list[str] = []
        self.mute = False
        self.verdict = ""
        self.memory_kills = MemoryKills()
        self._members = 0
        self._begun = 0.0
        self._heard = 0.0
        self.inform(first)

    @property
    def free(self) -> bool:
        """Can take a group; one that is not born yet can, too, and finds it in its pipe."""
        return not (self.busy or self.mute or self.verdict)

    @property
    def has_worked(self) -> bool:
        """Whether it was ever given a group."""
        return self._members > 0

    def give(self, group: Sequence[TrialSpec], files: Files, now: float) -> None:
        """Hand over a group."""
        self.busy = True
        self.waiting = [spec.key for spec in group]
        self.memory_kills = MemoryKills(self.pid)
        self._members, self._begun, self._heard = len(group), now, now
        self.send(("group", (group, files)))

    def inform(self, message: Message) -> None:
        """Say something between two groups; nothing where there is nothing, or it is busy."""
        if message is not None and self.free:
            self.send(message)

    def send(self, message: Message) -> None:
        """Say something; a worker that has died does not hear it, and its death is seen elsewhere."""
        with suppress(OSError):
            self.pipe.send(message)

    def listen(self, now: float) -> list[Event]:
        """Everything that it has said and nobody has read."""
        events: list[Event] = []
        try:
            while not self.mute and self.pipe.poll():
                answer: Answer = self.pipe.recv()
                self._heard = now
                if answer == "ready":
                    self.ready, self._begun, self.memory_kills = True, now, MemoryKills(self.pid)
                elif answer == "idle":
                    self.busy = False
                else:
                    events.append(self._note(answer))
        except (EOFError, OSError):
            self.mute = True
        return events

    def overdue(self, now: float, deadline: float, silence: float) -> str:
        """Why it must be taken for hung; empty while it need not. The time to start up is not a trial's."""
        if not self.busy or not self.ready:
            return ""
        if deadline and now - self._begun > deadline * self._members:
            each = f" for each of {self._members} trials" if self._members > 1 else ""
            return f"deadline: longer than {deadline:g} s{each}"
        if silence and now - self._heard > silence:
            return f"deadline: silent for {silence:g} s"
        return ""

    def kill(self) -> None:
        """End it at once; one that is not born yet finds its pipe closed."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _note(self, event: Event) -> Event:
        if isinstance(event, TrialResult):
            self.waiting.remove(event.key)
        return event


PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""Signals that a program does not send itself by mistake: somebody wanted the worker gone."""


@dataclass(frozen=True, slots=True)
class Death:
    """One line that says why, and whether it came from outside, so that no trial is to blame."""

    reason: str
    outside: bool


class MemoryKills:
    """The kernel's count of processes that it killed for want of memory, in the control group of one process.

    Another group's are not counted, where the kernel counts by group; else the whole machine's are.

    Args:
        pid: of the process; its own, where it is 0.
    """

    def __init__(self, pid: int = 0) -> None:
        """Remembers the count as it is now."""
        self._counter = next((place for place in _counters(str(pid or "self")) if _count(place) is not None), None)
        self._before = self._now()

    @property
    def more(self) -> bool:
        """Whether there were any since."""
        return self._now() > self._before

    def _now(self) -> int:
        return (_count(self._counter) if self._counter else None) or 0


def explain(status: int, memory_kills: MemoryKills) -> Death:
    """Say why a worker ended.

    Args:
        status: its exit status; a negative one is a signal.
        memory_kills: from when its work began.
    """
    if status >= 0:
        return Death(f"exited with status {status}", outside=False)
    name = signal.Signals(-status).name
    if -status == signal.SIGKILL and memory_kills.more:
        return Death("killed by the kernel for want of memory", outside=False)
    if -status == signal.SIGBUS:
        return Death(
            f"killed by {name}: a file that it reads was cut off meanwhile, or is on a failing disk", outside=False
        )
    return Death(f"killed by {name}", outside=-status in OUTSIDE)


def _counters(process: str) -> Iterator[Path]:
    """Where the count may be, the most exact place first; a container sees its own group as the root."""
    try:
        lines = (PROC / process / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            root, name = CGROUPS / "memory", "memory.oom_control"
        elif not controllers:
            root, name = CGROUPS, "memory.events"
        else:
            continue
        yield from (root / path.lstrip("/") / name, root / name)
    yield PROC / "vmstat"


def _count(counter: Path) -> int | None:
    try:
        rows = (line.split() for line in counter.read_text(encoding="utf-8").splitlines())
        return next((int(row[1]) for row in rows if row[0] == "oom_kill"), None)
    except (OSError, ValueError):
        return None
