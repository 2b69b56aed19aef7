"""What killed commands have left: temporary files of no use, and what belongs to processes that cannot be seen."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweeper.jobs.shared.findings import Findings, count
from sweeper.study.storage.location import Content, read_content
from sweeper.system.files import PREFIX, list_leftovers
from sweeper.system.process import SILENCE, Process

_EARLIER = ("refit-*", "reports/.*.????????", "studies/.*.draft")
"""Temporary files of earlier versions, whose names have no process."""

_OLD = 3600.0
"""Seconds after which one of those counts as left."""


def find_temporary(runs: Path, findings: Findings) -> list[str]:
    """Temporary files and folders, and files of studies that were never begun; deleted where that is asked for."""
    found = [path for folder in ("", "reports", "studies") for path in list_leftovers(runs / folder)]
    found += [path for path in list_leftovers(Path(tempfile.gettempdir()), PREFIX) if path.stat().st_uid == os.getuid()]
    found += [path for pattern in _EARLIER for path in runs.glob(pattern) if _age(path) > _OLD]
    found += [path for path in (runs / "studies").glob("*.db") if _is_empty(path)]
    if found:
        what = count(len(found), "temporary file or folder", "temporary files and folders")
        findings.found(f"{what} of ended commands, the first {found[0]}", lambda: _delete(found))
    return [str(path) for path in found]


def unseen(process: Process, heard: float | None, has: str) -> dict[str, Any]:
    """What a process that cannot be seen from here has, and what a person can say of it."""
    said = "gives no signs of life" if heard is None else f"was heard of {max(0, time.time() - heard):.0f} s ago"
    ends = "" if heard is None else f"; it counts as ended after {SILENCE:.0f} s of silence"
    return {
        "host": process.host,
        "pid": process.pid,
        "has": has,
        "heard": heard,
        "message": f"{has}: process {process.pid} on {process.host} cannot be seen from here and {said}{ends}. "
        f"If it is gone: sweeper doctor --fix --gone {process.host}",
    }


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _is_empty(path: Path) -> bool:
    """Whether the creation of a study was interrupted before there was anything in its file."""
    return read_content(path) is Content.NOTHING and _age(path) > _OLD


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
