"""Why a worker ended, by its exit status and from what the kernel has counted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
