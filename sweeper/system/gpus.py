"""The GPUs of this machine, as NVIDIA's own tool tells them: nothing has to be loaded for it."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

PATIENCE = 10.0
"""Seconds that the tool has; a card that hangs may keep it for ever."""

_ASKED = ("name", "memory.total", "memory.free")
_MIB = 2**20


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
