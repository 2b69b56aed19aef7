"""How much memory there is for this process and all others of its control group."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup/memory.max")
"""The limit of a container, as it sees it itself."""


def memory() -> int:
    """Bytes: what the machine has or, in a container with less, what that may take."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(CGROUP.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no control groups of this kind, or "max"
        return machine
