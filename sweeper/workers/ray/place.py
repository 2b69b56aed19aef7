"""A driver's folder on a node: its workers share it, the last of them deletes it, and so does whoever finds it left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from sweeper.errors import SweeperError

_PREFIX = f"sweeper-ray-{os.getuid()}-"
_LOCK = "lock"


class Place:
    """The folder of one driver on this node, for one worker.

    Args:
        driver: a name that no other driver has.
    """

    def __init__(self, driver: str) -> None:
        """Makes the folder, or joins those who use it; deletes what ended drivers have left on this node."""
        self.shared = Path(tempfile.gettempdir()) / f"{_PREFIX}{driver}"
        self._lock = _joined(self.shared)
        self.own = self.shared / f"worker-{os.getpid()}"
        self.own.mkdir(exist_ok=True)
        for folder in _others(self.shared):
            _delete_unused(folder)

    def leave(self) -> None:
        """Delete this worker's folder, and the whole where it was the last; may be called twice."""
        shutil.rmtree(self.own, ignore_errors=True)
        self._lock.close()
        _delete_unused(self.shared)


def _joined(folder: Path) -> BinaryIO:
    """The lock of a folder, shared with the other workers, for as long as it is open."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise SweeperError(f"{folder} belongs to somebody else")
        with suppress(FileNotFoundError):
            lock = (folder / _LOCK).open("ab")
            fcntl.flock(lock, fcntl.LOCK_SH)
            if (folder / _LOCK).exists():  # else the last user deleted it meanwhile
                return lock
            lock.close()


def _others(own: Path) -> Iterator[Path]:
    for folder in own.parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder != own and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
                yield folder


def _delete_unused(folder: Path) -> None:
    """Delete a folder that no worker has joined."""
    with suppress(OSError), (folder / _LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
