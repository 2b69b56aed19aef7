"""Why a worker ended, told from its exit status and from what the kernel has counted."""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

COUNTERS = (Path("/proc/vmstat"), Path("/sys/fs/cgroup/memory.events"))
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""Signals that a program does not send itself by mistake: somebody wanted the worker gone."""


@dataclass(frozen=True, slots=True)
class Death:
    """One line that says why, and whether it came from outside, so that no trial is to blame."""

    reason: str
    outside: bool


def explain(status: int, out_of_memory_before: int) -> Death:
    """Say why a worker ended.

    Args:
        status: its exit status; a negative one is a signal.
        out_of_memory_before: ``out_of_memory_kills()`` when its work began.
    """
    if status >= 0:
        return Death(f"exited with status {status}", outside=False)
    name = signal.Signals(-status).name
    if -status == signal.SIGKILL and out_of_memory_kills() > out_of_memory_before:
        return Death("killed by the kernel for want of memory", outside=False)
    return Death(f"killed by {name}", outside=-status in OUTSIDE)


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed for want of memory so far (0 where it does not say)."""
    total = 0
    for counter in COUNTERS:
        with suppress(OSError, ValueError):
            rows = (line.split() for line in counter.read_text().splitlines())
            total += sum(int(row[1]) for row in rows if row[0] == "oom_kill")
    return total
