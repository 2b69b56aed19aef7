"""From a source's training rows to a Split: validation is cut off, features are made, and held where there is room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeper.config.schema import Dataset, Validation
from sweeper.data import sealed
from sweeper.data.division import Division, divide
from sweeper.data.encode import Values
from sweeper.data.mapped import InFile, Mapped
from sweeper.data.preprocessing import as_text, document
from sweeper.data.raw import Raw, rows_of
from sweeper.data.split import Held, Released, Split
from sweeper.errors import InputError
from sweeper.system.hardware import memory

SHARE = 8
"""Features of more than one part in so many of the memory stay in their file.

Each worker has them once, and twice while it loads them: of two workers that is half of the memory.
"""


def load(dataset: Dataset, validation: Validation, digest: str = "") -> Split:
    """Training and validation examples of a data set; the test part is not among them.

    They are in memory, or in their file where that is asked for or they are large (see ``placed``).

    The network is left alone unless SWEEPER_DOWNLOAD=1; ``sweeper data fetch`` downloads.

    Args:
        dataset: which.
        validation: what is held back to choose by.
        digest: of the data that a study or run is bound to: they are read and sealed by the rule of then. Whether it
            is theirs is the caller's to check.

    Raises:
        InputError: no such data set, files damaged or absent, or sizes that the data cannot give.
    """
    raw = sealed.training(dataset, digest, validation)
    parts = divide(raw, dataset, validation)
    rows = parts.train_rows(raw)
    made = _split(raw, parts, rows)
    described = as_text(document(raw, rows, parts.transform, dataset))
    folds = tuple(_split(raw, fold, fold.train_rows(raw)) for fold in parts.folds)
    return placed(replace(made, preprocessing=described, folds=folds), dataset.hold)


def _split(raw: Raw, parts: Division, rows: Values | Mapped) -> Split:
    train, top = raw.encoding.hold(rows, parts.transform)
    validated, _ = raw.encoding.hold(rows_of(raw.values, parts.validation), parts.transform)
    return Split(
        name=raw.name,
        digest=raw.digest,
        train_held=train,
        train_labels=raw.truth[parts.train],
        validation_held=validated,
        validation_labels=raw.truth[parts.validation],
        classes=raw.classes,
        shape=raw.shape or train.shape[1:],
        test_size=raw.test_size,
        notes=(*raw.notes, *parts.notes),
        top=top,
        seal=raw.seal,
        sealed=raw.sealed,
        earlier=raw.earlier,
        file=raw.file,
        typed=raw.typed,
        columns=raw.columns,
        target=raw.target_of(parts.train),
    )


def preprocessing(dataset: Dataset, validation: Validation, digest: str) -> dict[str, Any]:
    """The preprocessing of a recorded training, fitted again to the same rows (see ``preprocessing.document``).

    Args:
        dataset: of the run.
        validation: of the run.
        digest: of the data that it was trained on.

    Raises:
        InputError: the data are not there, are others, or their reading is not kept.
    """
    meant = sealed.meant(dataset, digest)
    raw = sealed.training(meant, digest, validation)
    if raw.digest != digest:
        raise InputError(f"the data have the digest {raw.digest[:12]}, and it was trained on {digest[:12]}")
    parts = divide(raw, meant, validation)
    found = document(raw, parts.train_rows(raw), parts.transform, meant)
    if not found:
        raise InputError("its table was read by the rule of the first version, of which too little is kept")
    return found


def placed(split: Split, hold: str) -> Split:
    """The split with its features where they are to be; where they stay in their file it says so.

    Args:
        split: its features are still in the file, if they came from such.
        hold: as ``dataset.hold``.

    Raises:
        InputError: they are to stay in a file that cannot be read row by row.
    """
    file = _file(split)
    if file is None:
        return split
    size = sum(_size(each) for each in split.folds or (split,))
    if hold == "memory" or (hold == "auto" and size * SHARE <= memory()):
        return _everywhere(split, _read)
    name = Path(file.values.path).name
    if file.values.by_columns:
        hint = "save it again with numpy.ascontiguousarray, or dataset.hold=memory"
        why = f"{file.values.path} lies column by column (Fortran order): no batch can be read of it"
        raise InputError(why, hint=hint, key="dataset.path")
    why = f"its features would take {size / 2**30:.3g} GiB of this machine's {memory() / 2**30:.3g}"
    note = f"batches are read from {name}: " + (why if hold == "auto" else "dataset.hold=file")
    found = _everywhere(split, lambda each: replace(each, in_file=True))
    return replace(found, notes=(*split.notes, note))


def _everywhere(split: Split, change: Callable[[Split], Split]) -> Split:
    return replace(change(split), folds=tuple(change(fold) for fold in split.folds))


def _read(split: Split) -> Split:
    return replace(split, train_held=_in_memory(split.train_held), validation_held=_in_memory(split.validation_held))


def _in_memory(held: Held | Released) -> Held | Released:
    return held.whole() if isinstance(held, InFile) else held


def _file(split: Split) -> InFile | None:
    return split.train_held if isinstance(split.train_held, InFile) else None


def _size(split: Split) -> int:
    return sum(held.nbytes for held in (split.train_held, split.validation_held) if isinstance(held, InFile))
