"""Processes: who they are, whether they run, and how long this one was awake."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

PLACE = "SWEEPER_PLACE"
"""The environment variable with a worker's place among those of its pool, from 0; two that live have different ones."""

SILENCE = 300.0
"""Seconds without a sign of life after which a process that cannot be seen from here counts as ended."""

_GONE: set[str] = set()
_SEPARATOR = "~"
_BOOT = 8
"""Characters of a boot's id that are kept."""
_OTHER = re.compile(r"[^0-9A-Za-z_.-]")
_START_FIELD = 19
"""Place of the start time in /proc/PID/stat, counted from the field after the command's closing bracket (proc(5))."""


class Life(Enum):
    """Whether a process runs.

    A process of another machine, or of another container, cannot be seen from here: while it was heard of lately,
    or gives no signs of life at all, its state is unknown, and only a person can know better.
    """

    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Process:
    """A process, distinguished from a later one with the same number.

    Attributes:
        host: the machine's name, for people.
        pid: its number there; 0 for a process that has handed on what it had.
        start: boot of the machine, namespace of the process ids and start in clock ticks after the boot,
            ``BOOT.NAMESPACE.TICKS``, to compare and not to read; empty where the system does not say. Records of
            earlier versions have no namespace.
    """

    host: str
    pid: int
    start: str

    def life(self, heard: float | None = None) -> Life:
        """Whether it runs.

        Args:
            heard: when it last gave a sign of life, in seconds since the epoch; None where it gives none.
        """
        if self.pid <= 0:
            return Life.ENDED
        if self._visible:
            return Life.RUNNING if _runs(self.pid, self.start) else Life.ENDED
        if self.host in _GONE:
            return Life.ENDED
        if heard is not None:  # a clock that is ahead on one of two machines must not keep anybody alive for ever
            return Life.UNKNOWN if abs(time.time() - heard) < SILENCE else Life.ENDED
        restarted = self.host == platform.node() and _boot(self.start) != _boot(this_process().start)
        return Life.ENDED if restarted else Life.UNKNOWN

    @property
    def label(self) -> str:
        """A part of the name of a file that belongs to this process until it ends."""
        parts = (self.host, str(self.pid), self.start)
        return _SEPARATOR.join(_OTHER.sub("-", part) for part in parts)

    @classmethod
    def from_label(cls, label: str) -> Process | None:
        """The process that a label names; None for any other text."""
        parts = label.split(_SEPARATOR)
        return cls(parts[0], int(parts[1]), parts[2]) if len(parts) == 3 and parts[1].isdigit() else None

    @property
    def _visible(self) -> bool:
        """Whether its number means the same process here: same boot, same namespace of process ids."""
        here = this_process()
        if not self.start or not here.start:
            return self.host == here.host
        boot, _, rest = self.start.partition(".")
        if rest.count(".") == 0:
            return self.host == here.host and boot == _boot(here.start)
        return self.start.rpartition(".")[0] == here.start.rpartition(".")[0]


def declare_gone(hosts: Iterable[str]) -> None:
    """Take a person's word that nothing runs any more on these machines, as far as it cannot be seen from here."""
    _GONE.update(hosts)


@cache
def _this(pid: int) -> Process:
    return Process(platform.node(), pid, start_of(pid))


def this_process() -> Process:
    """The process that asks."""
    return _this(os.getpid())


def start_of(pid: int) -> str:
    """The start of a process that is visible here, as in ``Process``; empty where it has ended or nothing is known."""
    # Ticks since boot do not move when the clock is set; the boot's own id keeps two boots apart.
    ticks = _ticks(pid)
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return f"{boot[:_BOOT]}.{re.sub(r'[^0-9]', '', namespace)}.{ticks}" if ticks else ""


def _boot(start: str) -> str:
    return start.partition(".")[0]


def _runs(pid: int, start: str) -> bool:
    if Path("/proc/self/stat").exists():
        ticks = _ticks(pid)
        return bool(ticks) and start.rpartition(".")[2] in {"", ticks}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ticks(pid: int) -> str:
    """Clock ticks from the boot to a process's start; empty for one that has ended, a zombie among them."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[_START_FIELD]


class AwakeClock:
    """Seconds in which this process was awake.

    A driver that was stopped for minutes (SIGSTOP, a suspended laptop) must not take its workers for hung: from one
    call of ``now`` to the next at most `longest` seconds are counted, however long it was.
    """

    def __init__(self, longest: float = 5.0) -> None:
        """Starts at 0."""
        self._longest = longest
        self._last = time.monotonic()
        self._seconds = 0.0

    def now(self) -> float:
        """Seconds awake since the start."""
        last, self._last = self._last, time.monotonic()
        self._seconds += min(self._last - last, self._longest)
        return self._seconds


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
