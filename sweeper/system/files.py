"""Files that are written whole, and temporary ones that are known as such when a killed process has left them."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sweeper.system.process import Life, Process, this_process


@contextmanager
def atomic_write(path: Path, draft: Path) -> Iterator[BinaryIO]:
    """A new file to write into, which takes the place of `path` once it is on the disk; nobody ever sees half of it.

    Args:
        path: what it becomes; its folder is made.
        draft: what it is called until then, in the same folder.

    Raises:
        OSError: it cannot be written; `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file by way of a temporary one beside it, so that nobody ever sees half of it; returns its path."""
    with atomic_write(path, path.with_name(f".{path.name}.{os.getpid()}.tmp")) as file:
        file.write(content)
    return path


def cache_folder() -> Path | None:
    """Where things lie that can be made again: SWEEPER_CACHE, or the user's own folder for them.

    None where there shall be none: an empty SWEEPER_CACHE.
    """
    base = os.environ.get("SWEEPER_CACHE")
    if base == "":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(base) if base else Path(home) / "sweeper"


PREFIX = "sweeper"
"""The beginning of names in the machine's own folder for temporary files."""

_SEPARATOR = "~"


def temporary_name(prefix: str) -> str:
    """A name that nobody else uses, with this process in it."""
    return _SEPARATOR.join((prefix, this_process().label, os.urandom(4).hex()))


@contextmanager
def temporary_folder(parent: Path | None = None, prefix: str = PREFIX) -> Iterator[Path]:
    """A folder that is gone at the end.

    Args:
        parent: where it is made; the machine's own folder for temporary files if not given.
        prefix: begins its name.

    Raises:
        OSError: it cannot be made.
    """
    folder = (parent or Path(tempfile.gettempdir())) / temporary_name(prefix)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def folder_until_exit() -> Path:
    """A new folder among the machine's temporary files, which is gone when this process ends."""
    folder = Path(tempfile.gettempdir()) / temporary_name(PREFIX)
    folder.mkdir(mode=0o700)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def list_leftovers(folder: Path, prefix: str = "") -> list[Path]:
    """Files and folders in a folder that processes have left there and ended; nobody will use them again."""
    return [path for path in sorted(folder.glob(f"{prefix}*~*")) if _is_left(path)]


def _is_left(path: Path) -> bool:
    label = _SEPARATOR.join(path.name.split(_SEPARATOR)[-4:-1])
    process = Process.from_label(label)
    try:
        return process is not None and process.life(path.stat().st_mtime) is Life.ENDED
    except OSError:  # it is gone
        return False
