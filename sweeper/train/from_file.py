"""Examples that stay in their file: those of the next batches are read while the network trains on the last ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.data.mapped import InFile
from sweeper.train.plan import CAPACITY
from sweeper.train.quiet import tf

Order = npt.NDArray[np.int32]
Array = npt.NDArray[Any]

AHEAD = 2**22
"""Bytes of features that are read in one go, unless a single batch has more."""

MOST = CAPACITY // 4
"""Batches that are read in one go, at most: of a full call of the program, only the first quarter is waited for."""


@dataclass(frozen=True)
class PartInFile:
    """Training or validation examples as ``resident.Part`` has them, but for those in memory: there are only a few.

    Attributes:
        features: in the file, with all their columns.
        columns: those that are not blank, in the order in which the program has them; None for all as they are.
        top: what features are multiplied by to be the bytes that the program wants; 0 where they are as it wants them.
        labels: class numbers, or standardised numbers, [N].
    """

    features: InFile
    columns: npt.NDArray[np.intp] | None
    top: float
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, batch: int) -> tuple[Any, Any]:
        """See Part."""
        return self._filled(np.zeros(0, np.int32), batch)

    def calls(self, order: Order) -> Iterator[tuple[slice, Any, Any, Order]]:
        """See Part; a call has few batches, whose examples alone are in memory."""
        count, batch = order.shape
        most = self._at_once(batch)
        turns = [slice(start, min(start + most, count)) for start in range(0, count, most)]
        own = np.arange(most * batch, dtype=np.int32).reshape(most, batch)
        with ThreadPoolExecutor(1) as ahead:
            coming = [ahead.submit(self._filled, order[turn].reshape(-1), batch) for turn in turns[:1]]
            for turn, following in zip(turns, [*turns[1:], None], strict=True):
                features, labels = coming.pop().result()
                if following is not None:
                    coming.append(ahead.submit(self._filled, order[following].reshape(-1), batch))
                yield turn, features, labels, own[: turn.stop - turn.start]

    def pieces(self, multiple: int) -> Iterator[tuple[Any, Any]]:
        """See Part."""
        rows = multiple * max(1, AHEAD // (multiple * self._bytes))
        for start in range(0, len(self), rows):
            some = slice(start, start + rows)
            yield tf.convert_to_tensor(self._read(some)), tf.convert_to_tensor(self.labels[some])

    @cached_property
    def _array(self) -> Array:
        """The mapped file: to map it with each call would take as long as reading it."""
        return self.features.values.array()

    @property
    def _bytes(self) -> int:
        """What one example takes."""
        return max(1, self.features.shape[1] * self.features.dtype.itemsize)

    def _at_once(self, batch: int) -> int:
        """Batches that are read in one go."""
        return max(1, min(MOST, AHEAD // (batch * self._bytes)))

    def _filled(self, rows: Order, batch: int) -> tuple[Any, Any]:
        """Features and labels of some examples, filled up to the length of a call: a program is compiled for that."""
        lacking = self._at_once(batch) * batch - len(rows)
        features, labels = self._read(rows), self.labels[rows]
        if lacking:
            features = np.concatenate([features, np.zeros((lacking, features.shape[1]), features.dtype)])
            labels = np.concatenate([labels, np.zeros(lacking, labels.dtype)])
        return tf.convert_to_tensor(features), tf.convert_to_tensor(labels)

    def _read(self, which: slice | Order) -> Array:
        found = self.features.read(self._array, which)
        if self.top:
            found = packed(found, self.top)
        return found if self.columns is None else np.take(found, self.columns, axis=1)


def packed(features: Array, top: float) -> npt.NDArray[np.uint8]:
    """Features as the bytes that they were divided from by `top`."""
    found = np.empty(features.shape, np.uint8)
    np.rint(features * np.float32(top), out=found, casting="unsafe")
    return found
