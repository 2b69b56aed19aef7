"""Rows that stay in their file: no more of them is in memory than a block, or than somebody has asked for.

The file is an array of numbers as ``numpy.save`` writes it. It is mapped: the pages that were read lately lie in the
memory that the system has to spare, and are given back as soon as somebody needs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.data.portable.features import features
from sweeper.errors import InputError
from sweeper.system.hardware import memory

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64] | npt.NDArray[np.int32]

BLOCK = 2**18
"""Numbers that are looked at in one go."""

_PIECE = 2**17
"""Numbers that become features in one go: few enough to stay in the processor's cache."""

_SPARSE = 4
"""One row in so many is read better by itself than with those between."""


@dataclass(frozen=True, eq=False)
class Mapped:
    """Rows [N, K] of a file, each flattened: bytes as they are, all other numbers in 64 bits.

    Attributes:
        path: of the file.
        stamp: its size and when it was changed, as it was opened.
        places: of these rows in the file, [N].
        stored: the shape of the whole array, as the file has it.
        kind: of its numbers.
        offset: bytes before them.
        by_columns: whether the file holds one column after the other (Fortran order).
    """

    path: str
    stamp: tuple[int, int]
    places: Indices
    stored: tuple[int, ...]
    kind: np.dtype[Any]
    offset: int
    by_columns: bool

    @classmethod
    def whole(cls, path: str) -> Mapped:
        """All rows of a file.

        Raises:
            OSError: it cannot be opened.
            ValueError: it holds no numbers, or fewer than it says.
        """
        stamp = _stamp(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.dtype.kind not in "iufb" or not array.ndim:
            raise ValueError(f"it holds {array.dtype} values of the shape {array.shape}, not rows of numbers")
        by_columns = not array.flags.c_contiguous
        return cls(path, stamp, np.arange(len(array)), array.shape, array.dtype, int(array.offset), by_columns)

    @property
    def example(self) -> tuple[int, ...]:
        """The shape of one row before it is flattened."""
        return self.stored[1:] or (1,)

    @property
    def width(self) -> int:
        """K."""
        return int(np.prod(self.example, dtype=np.int64))

    @property
    def shape(self) -> tuple[int, int]:
        """[N, K]."""
        return len(self.places), self.width

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of numbers that rows are given as."""
        return np.dtype(np.uint8 if self.kind == np.uint8 else np.float64)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, which: slice | Indices) -> Array:
        """Some rows, in the order in which they are asked for.

        Raises:
            InputError: the file was changed since it was looked at first.
        """
        return self.read(self.array(), which)

    def check(self) -> None:
        """Make sure that the file is what it was.

        Raises:
            InputError: it was changed since it was looked at first.
        """
        if _stamp(self.path) != self.stamp:
            hint = "begin again once nobody writes it"
            raise InputError(f"{self.path} was changed while it was read", hint=hint, key="dataset.path")

    def array(self) -> Array:
        """The whole file, mapped. A trainer alone keeps it, for speed: what a split is made of has these rows alone.

        Raises:
            InputError: as of ``check``.
        """
        self.check()
        order: Any = "F" if self.by_columns else "C"
        return np.asarray(np.memmap(self.path, self.kind, "r", self.offset, self.stored, order))

    def read(self, array: Array, which: slice | Indices) -> Array:
        """Some rows out of ``array``, as a copy."""
        places = self.places[which]
        rising = len(places) > 0 and places[-1] - places[0] == len(places) - 1 and bool(np.all(np.diff(places) == 1))
        rows = array[places[0] : places[-1] + 1] if rising else array[places]
        return np.array(rows.reshape(len(places), self.width), self.dtype, order="C")

    def announce(self) -> None:
        """Ask the system for these rows all at once, where the file is too large to stay in spare memory.

        One by one the disk would be waited for with each, and much around each would be read for nothing.
        """
        span = int(np.ptp(self.places)) if len(self) else 0
        if span < _SPARSE * len(self) or 2 * self.stamp[0] <= memory() or not hasattr(os, "posix_fadvise"):
            return
        size = self.width * self.kind.itemsize
        with Path(self.path).open("rb") as file:
            for start in (self.offset + self.places * size).tolist():
                os.posix_fadvise(file.fileno(), start, size, os.POSIX_FADV_WILLNEED)

    def at(self, places: slice | Indices) -> Mapped:
        """Some of these rows."""
        return replace(self, places=self.places[places])

    def blocks(self) -> Iterator[Array]:
        """All rows, some at a time, in order."""
        rows = max(1, BLOCK // max(1, self.width))
        for start in range(0, len(self), rows):
            yield self[start : start + rows]

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """The least and the greatest number of each column, [K] each."""
        return self._summary[0], self._summary[1]

    @property
    def moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation of each column, [K] each."""
        return self._summary[2], self._summary[3]

    @cached_property
    def _summary(self) -> tuple[Array, Array, Array, Array]:
        """Block by block, the moments as Chan, Golub and LeVeque (1979) put them together."""
        count, mean, squares = 0, np.zeros(self.width), np.zeros(self.width)
        low = high = self[:1][0]
        for block in self.blocks():
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
            own = block.mean(axis=0, dtype=np.float64)
            shift, more = own - mean, len(block)
            squares += np.square(block - own).sum(axis=0) + np.square(shift) * (count * more / (count + more))
            mean += shift * (more / (count + more))
            count += more
        return low, high, mean, np.sqrt(squares / count)


@dataclass(frozen=True, eq=False)
class InFile:
    """Features [N, F] that are made of the rows of a file, each time that somebody asks for some.

    Attributes:
        values: the rows.
        plan: how values become features, as ``portable.features`` takes it; None for bytes that are held as they are.
    """

    values: Mapped
    plan: Mapping[str, Any] | None

    @property
    def shape(self) -> tuple[int, int]:
        """[N, F]."""
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of numbers that features are."""
        return np.dtype(np.uint8 if self.plan is None else np.float32)

    @property
    def nbytes(self) -> int:
        """What they would take in memory."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, which: slice | Indices) -> Array:
        """The features of some rows."""
        return self.read(self.values.array(), which)

    def read(self, array: Array, which: slice | Indices) -> Array:
        """The same out of the mapped file, which is read from its beginning to its end.

        Raises:
            InputError: the file was changed since it was looked at first.
        """
        self.values.check()
        wanted = self.values.at(which)
        order = np.argsort(wanted.places, kind="stable")
        made = np.empty((len(wanted), self.shape[1]), self.dtype)
        wanted.announce()
        rows = max(1, _PIECE // max(1, self.shape[1]))
        for start in range(0, len(wanted), rows):
            some = order[start : start + rows]
            values = wanted.read(array, some)
            made[some] = values if self.plan is None else features(self._plan, values)
        return made

    @cached_property
    def _plan(self) -> dict[str, Any]:
        """The plan with arrays for lists: to make them takes as long as to use them."""
        return {name: np.asarray(each) if isinstance(each, list) else each for name, each in (self.plan or {}).items()}

    def blocks(self) -> Iterator[Array]:
        """All features, some at a time."""
        rows = max(1, BLOCK // max(1, self.shape[1]))
        for start in range(0, len(self), rows):
            yield self[start : start + rows]

    def whole(self) -> Array:
        """All of them, in memory."""
        return self[:]

    def joined(self, other: InFile) -> InFile:
        """These, and then others of the same file and plan."""
        places = np.concatenate([self.values.places, other.values.places])
        return InFile(replace(self.values, places=places), self.plan)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for with every batch, and a Path takes as long again
    except OSError:  # whoever opens it says why
        return 0, 0
    return found.st_size, found.st_mtime_ns
