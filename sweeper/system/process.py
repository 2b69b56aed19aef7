"""Which process wrote a record, and whether it still lives."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SEPARATOR = "~"

_START_FIELD = 19
"""Place of the start time in /proc/PID/stat, counted from the field after the command's closing bracket (proc(5))."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, told apart from a later one that got the same number.

    Attributes:
        host: the machine's name.
        pid: its number there.
        start: when it started, in a form to compare and not to read; empty where the system does not say.
    """

    host: str
    pid: int
    start: str

    @property
    def alive(self) -> bool:
        """Whether it still runs. One on another host counts as alive: nothing here can know better."""
        if self.host != platform.node():
            return True
        if not _runs(self.pid):
            return False
        return not self.start or _start(self.pid) in {"", self.start}

    @property
    def label(self) -> str:
        """For the name of a file that is this process's, until it ends."""
        parts = (self.host, str(self.pid), self.start)
        return _SEPARATOR.join(part.replace(_SEPARATOR, "-").replace("/", "-") for part in parts)

    @classmethod
    def of(cls, label: str) -> Process | None:
        """The process out of its label; None where that is none."""
        parts = label.split(_SEPARATOR)
        return cls(parts[0], int(parts[1]), parts[2]) if len(parts) == 3 and parts[1].isdigit() else None


@cache
def _this(pid: int) -> Process:
    return Process(host=platform.node(), pid=pid, start=_start(pid))


def this_process() -> Process:
    """The process that asks."""
    return _this(os.getpid())


def _runs(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _start(pid: int) -> str:
    # Ticks since boot do not move when the clock is set; the boot's own id keeps two boots apart.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8")
    except OSError:
        return ""
    return f"{boot[:8]}.{stat.rpartition(')')[2].split()[_START_FIELD]}"
