"""What a node is, found there. It travels by value, so it needs nothing of sweeper on the node."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any


def examine(packages: tuple[str, ...], folder: str = "") -> dict[str, Any]:
    """Facts of the machine that this runs on.

    Args:
        packages: whose versions are wanted.
        folder: of data, of which is said whether it is here, too.

    Returns:
        ``node``, its name; ``python`` (without its last number) and the version of each package ("" where it is not
        installed) under ``versions``; ``cores``; bytes of ``free_memory``, and of ``free_disk`` for temporary files;
        ``data``, whether the folder is there.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "node": platform.node(),
        "versions": {"python": ".".join(platform.python_version_tuple()[:2])} | {p: _version(p) for p in packages},
        "cores": cores,
        "free_memory": os.sysconf("SC_AVPHYS_PAGES") * page,
        "free_disk": shutil.disk_usage(tempfile.gettempdir()).free,
        "data": bool(folder) and Path(folder).is_dir(),
    }


def _version(package: str) -> str:
    names = ("tensorflow", "tensorflow-cpu") if package == "tensorflow" else (package,)
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""
