"""What this machine has: memory, and GPUs as NVIDIA's own tool tells them; nothing has to be loaded for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CGROUP = Path("/sys/fs/cgroup/memory.max")
"""The limit of a container, as it sees it itself."""

PATIENCE = 10.0
"""Seconds that the tool has; a card that hangs may keep it for ever."""

_ASKED = ("name", "memory.total", "memory.free")
_MIB = 2**20


def memory() -> int:
    """Bytes for this process and its whole control group: the machine's or, in a container, what that may take."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(CGROUP.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no control groups of this kind, or "max"
        return machine


def gpus() -> list[dict[str, Any]]:
    """Each with its ``name``, and bytes of ``memory`` and ``free_memory``; none without the tool, or where it fails."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, f"--query-gpu={','.join(_ASKED)}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [_read(line) for line in said.splitlines() if line.strip()]


def _read(line: str) -> dict[str, Any]:
    name, *sizes = (part.strip() for part in line.rsplit(",", 2))
    total, free = (int(size) * _MIB if size.isdigit() else 0 for size in sizes)  # "[N/A]" where it is not known
    return {"name": name, "memory": total, "free_memory": free}
