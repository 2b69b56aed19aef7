"""Examples that a driver has read, for the workers that would read the same files once more.

A new worker is there only when TensorFlow is imported; the driver has the time to read meanwhile. They lie in memory
without a name, which workers open by the driver's handle, and copy; then the driver lets go of it.
"""

from __future__ import annotations

import mmap
import os
import pickle
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset, Validation
from sweeper.data.split import Split

ALIGNED = 64
"""Bytes: where arrays begin."""

MOST = 2**15
"""Bytes of what goes through the pipe, which takes so many before anybody reads."""

_ARRAYS = ("train_held", "train_labels", "validation_held", "validation_labels")

Told = (
    tuple[Literal["data"], tuple[Dataset, Validation]]
    | tuple[Literal["examples"], tuple[Dataset, Validation, "Handed"]]
)


@dataclass(frozen=True)
class Handed:
    """A split whose arrays lie elsewhere.

    Attributes:
        path: of the memory, as long as the driver holds it.
        identity: of the memory, by which another file that has its handle now is none.
        rest: the split, its arrays empty.
        places: of each array: where it begins, its kind and its shape.
    """

    path: str
    identity: tuple[int, int]
    rest: Split
    places: dict[str, tuple[int, str, tuple[int, ...]]]

    def taken(self) -> Split:
        """The split, for this process.

        Raises:
            OSError, ValueError: the driver is gone, or its memory cannot be reached.
        """
        with open(self.path, "rb") as file:  # noqa: PTH123 - no file that a path could tell of
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if _identity(file.fileno()) != self.identity:  # the driver has let go, and its handle is another file's
                raise ValueError("these are no longer the examples")
        found: dict[str, Any] = {name: _array(memory, *place) for name, place in self.places.items()}
        # Features are let go of when they are tensors; labels would hold all of the memory.
        labels = {name: array.copy() for name, array in found.items() if name.endswith("labels")}
        return replace(self.rest, **found | labels)


class Offer:
    """What is said to workers about the data that they will want.

    Args:
        dataset, validation: which.
        split: the same, read; None to have the workers read them.
    """

    def __init__(self, dataset: Dataset, validation: Validation, split: Split | None = None) -> None:
        self.message: Told = ("data", (dataset, validation))
        self._memory = -1
        if split is not None and not (split.folds or split.released or split.in_file):
            self._hand(split)

    def withdraw(self) -> None:
        """Let go of the examples; whoever comes later reads the files."""
        if self._memory >= 0:
            os.close(self._memory)
            self._memory, self.message = -1, ("data", self.message[1][:2])

    def _hand(self, split: Split) -> None:
        try:
            self._memory = os.memfd_create("sweeper")
            places = _write(self._memory, split)
        except (AttributeError, OSError):  # another system, or no room
            self.withdraw()
            return
        empty: dict[str, Any] = {name: getattr(split, name)[:0] for name in _ARRAYS}
        handed = Handed(
            f"/proc/{os.getpid()}/fd/{self._memory}", _identity(self._memory), replace(split, **empty), places
        )
        if len(pickle.dumps(handed)) > MOST:
            self.withdraw()
        else:
            self.message = ("examples", (*self.message[1][:2], handed))


def _write(memory: int, split: Split) -> dict[str, tuple[int, str, tuple[int, ...]]]:
    places = {}
    with open(memory, "wb", closefd=False) as file:
        for name in _ARRAYS:
            array: npt.NDArray[np.generic] = np.ascontiguousarray(getattr(split, name))
            file.seek(-file.tell() % ALIGNED, os.SEEK_CUR)
            places[name] = (file.tell(), array.dtype.str, array.shape)
            file.write(array.data)
    return places


def _identity(handle: int) -> tuple[int, int]:
    found = os.fstat(handle)
    return found.st_dev, found.st_ino


def _array(memory: mmap.mmap, start: int, kind: str, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
    return np.frombuffer(memory, kind, int(np.prod(shape)), start).reshape(shape)
