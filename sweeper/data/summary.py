"""What a driver has to know of its data, remembered where the files of a set of the catalog have not changed.

To know its digest a set is read whole: of MNIST 0.4 s, which is as long as all else that a driver does with warm
workers. Workers read what they train on themselves, and check its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.config.datasets import DATASETS
from sweeper.config.metrics import CLASSIFICATION, REGRESSION, Task
from sweeper.config.schema import Dataset, Validation
from sweeper.data import places
from sweeper.data.catalog import KNOWN
from sweeper.data.columns import Column
from sweeper.data.loader import load
from sweeper.data.split import Split
from sweeper.system.files import cache_folder, write_whole
from sweeper.system.unchanged import traits

MOST = 100
"""Summaries to keep; beyond that the oldest go."""


@dataclass(frozen=True)
class DataSummary:
    """A split without its examples; see ``Split`` for each.

    Attributes:
        facts: for plans and records.
        notes: lines that a person must see.
        features, outputs: of a network.
        classes: their names.
        in_file: whether features stay in their file.
        regression: whether numbers are predicted.
        earlier: digests by earlier rules.
        columns: of a table.
    """

    facts: dict[str, Any]
    notes: tuple[str, ...]
    features: int
    outputs: int
    classes: tuple[str, ...]
    in_file: bool = False
    regression: bool = False
    earlier: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def task(self) -> Task:
        """Which of the two kinds of target the data have."""
        return REGRESSION if self.regression else CLASSIFICATION


def summary(
    dataset: Dataset, validation: Validation, digest: str = "", use: Callable[[Split], object] | None = None
) -> DataSummary:
    """The summary of a split, which is not read where it is remembered.

    Args:
        dataset: as of ``load``, whose errors it raises.
        validation: likewise.
        digest: likewise.
        use: takes the split itself, which is read in any case then.
    """
    files = _files(dataset)
    before = traits(files) if files else None
    note = _note(dataset, validation, before) if before else None
    found = _remembered(note) if note and not use else None
    if found is None:
        split = load(dataset, validation, digest)
        found = _of(split)
        if use:
            use(split)
        if note and traits(files) == before:
            _remember(found, note)
    return found


def _of(split: Split) -> DataSummary:
    return DataSummary(
        split.facts,
        split.notes,
        split.features,
        split.outputs,
        split.classes,
        split.in_file,
        split.target is not None,
        split.earlier,
        split.columns,
    )


def _files(dataset: Dataset) -> list[Path]:
    """The files of a set of the catalog; none of a file of one's own, or where some are not there."""
    if dataset.name not in KNOWN or DATASETS[dataset.name].is_file or not KNOWN[dataset.name].files:
        return []
    folder = places.folder(dataset.name)
    paths = [places.file_in(folder, name) for name in KNOWN[dataset.name].files] if folder else []
    return [path for path in paths if path] if all(paths) else []


def _note(dataset: Dataset, validation: Validation, files: Sequence[object]) -> Path | None:
    """Where the summary of these files is remembered, for the code that reads them today."""
    folder = cache_folder()
    if folder is None:
        return None
    key = json.dumps([asdict(dataset), asdict(validation), files, _code()], sort_keys=True, default=str)
    return folder / "data" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _code() -> list[object]:
    """What tells the modules that read and divide data, and the draws that they divide by, from other versions."""
    home = Path(__file__).parent
    found = ((path, path.stat()) for path in sorted(home.rglob("*.py")))
    return [np.__version__, *((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)]


def _remembered(note: Path) -> DataSummary | None:
    try:
        seal, _, body = note.read_bytes().partition(b"\n")
        if seal != _seal(body):  # a disk that failed, or somebody's hand
            return None
        kept = json.loads(body)
        return DataSummary(**kept | {"notes": tuple(kept["notes"]), "classes": tuple(kept["classes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remember(found: DataSummary, note: Path) -> None:
    if found.columns or found.earlier:
        return
    kept = asdict(found)
    del kept["columns"], kept["earlier"]
    with suppress(OSError):  # a full disk, or a folder that is not the user's: it is read again
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = json.dumps(kept).encode()
        write_whole(note, _seal(body) + b"\n" + body)
        for old in sorted(note.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)


def _seal(body: bytes) -> bytes:
    """The first line of a note, which tells whether the rest is as it was written."""
    return hashlib.sha256(body).hexdigest().encode()
