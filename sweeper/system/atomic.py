"""Files that are written completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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
