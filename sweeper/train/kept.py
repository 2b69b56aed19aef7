"""Compiled programs kept on disk: another worker, or tomorrow's command, need not compile them again.

XLA takes a second for a program and a tenth of that to load it. TensorFlow writes and finds the files
itself (whole or not at all: it renames); here is only where they lie.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import platform
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sweeper.system.files import cache_folder

MOST = 500
"""Files to keep, of some 300 kB each; beyond that the oldest go."""

ROOM = 2**28
"""Bytes free on a disk that may be used for this."""

_in_use: Path | None = None
_traced: Counter[str] = Counter()


def use() -> None:
    """Have TensorFlow keep its compiled programs; it reads this when it is imported.

    They lie under SWEEPER_CACHE, or the user's cache folder; an empty SWEEPER_CACHE turns it off. A folder that
    cannot be written, or whose disk is nearly full, is done without.
    """
    global _in_use  # noqa: PLW0603 - like the flag that TensorFlow reads once, it is the process's
    folder = _folder()
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _prune(folder)
    except OSError:
        return
    if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM:
        flags = os.environ.get("TF_XLA_FLAGS", "")
        os.environ["TF_XLA_FLAGS"] = f"{flags} --tf_xla_persistent_cache_directory={folder}".strip()
        _in_use = folder


def forget() -> bool:
    """Throw away what is kept, because some of it is damaged; whether anything is kept at all."""
    if _in_use is None:
        return False
    with suppress(OSError):
        for file in _in_use.iterdir():
            file.unlink(missing_ok=True)
    return True


@contextmanager
def named(what: str) -> Iterator[None]:
    """Trace functions under names that come of `what` they are, not of how many were traced before.

    TensorFlow numbers the functions that it traces, and the numbers are part of what a kept program is found by: with
    its own count, a worker would find only what was compiled in the same order. A name serves once in a process.
    """
    from tensorflow.python.framework import ops

    _traced[what] += 1
    digest = hashlib.sha256(f"{what} {_traced[what]}".encode()).hexdigest()
    count = itertools.count(int(digest[:12], 16))
    numbering = ops.uid
    ops.uid = lambda: next(count)
    try:
        yield
    finally:
        ops.uid = numbering


def _folder() -> Path | None:
    base = cache_folder()
    if base is None:
        return None
    folder = base / "programs" / _machine()
    # TensorFlow splits its flags at white space.
    return None if any(c.isspace() for c in str(folder)) else folder


def _machine() -> str:
    """Names what the machine code depends on: the processor, TensorFlow, and XLA's own flags."""
    try:
        release = version("tensorflow")
    except PackageNotFoundError:
        release = version("tensorflow-cpu")
    facts = (release, platform.machine(), _processor(), os.environ.get("XLA_FLAGS", ""))
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]


def _processor() -> str:
    """What /proc/cpuinfo says of the first processor's abilities, where there is such a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _prune(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST:]:
        file.unlink(missing_ok=True)
