"""Where the features of an array in a file are while a network is trained on them: in memory, or in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sweeper.data.mapped import InFile
from sweeper.data.split import Held, Released, Split
from sweeper.errors import InputError
from sweeper.system.memory import memory

SHARE = 8
"""Features of more than one part in so many of the memory stay in their file.

Each worker has them once, and twice while it loads them: of two workers that is half of the memory.
"""


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
