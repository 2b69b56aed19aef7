"""What takes room in a runs folder, and what of it nobody needs any more."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sweeper.study.cleanup import left
from sweeper.study.removed import FOLDER, removed
from sweeper.tracking import open_reader

PARTS = ("artifacts", "studies", "reports", "checkpoints", "data", "models", "spool", "removed", "mlflow.db")
"""Files and folders of a runs folder whose room is told."""


@dataclass(frozen=True, slots=True)
class Freeable:
    """Something whose room can be had.

    Attributes:
        what: it is, for people.
        path: of it.
        bytes: that it takes.
    """

    what: str
    path: Path
    bytes: int


def room(runs: Path) -> dict[str, int]:
    """Bytes of each part of a runs folder that takes some, the most first."""
    sizes = {part: size_of(runs / part) for part in PARTS}
    return dict(sorted(((part, size) for part, size in sizes.items() if size), key=lambda one: -one[1]))


def freeable(runs: Path) -> list[Freeable]:
    """What was removed or replaced, or is of no use: the largest first; nothing is changed."""
    found = [(f"the removed study {name}", runs / FOLDER / name) for name in removed(runs)]
    reader = open_reader(runs)
    for run in reader.runs(deleted=True):
        folder = reader.folder(run)
        if folder is not None and folder.exists():
            found.append((f"files of the deleted run {run.run_id[:8]}", folder))
    found += [("an earlier report", path) for path in (runs / "reports" / "_earlier").glob("*")]
    found += [("a checkpoint of no use", each.path) for each in left(runs) if each.useless]
    sized = [Freeable(what, path, size_of(path)) for what, path in found]
    return sorted((one for one in sized if one.bytes), key=lambda one: -one.bytes)


def free(found: list[Freeable]) -> dict[str, Any]:
    """Delete them, for good.

    Raises:
        OSError: one cannot be deleted.
    """
    for one in found:
        if one.path.is_dir():
            shutil.rmtree(one.path)
        else:
            one.path.unlink(missing_ok=True)
    return {"freed": [asdict(one) for one in found], "bytes": sum(one.bytes for one in found)}


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; links are not followed."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.lstat().st_size for each in path.rglob("*") if each.is_file() and not each.is_symlink())
