"""A split's examples as tensors, kept in memory for all trials of the process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.data.mapped import InFile
from sweeper.data.split import Examples, Held, Labels, Numbers, Split, Target
from sweeper.train.from_file import Order, PartInFile
from sweeper.train.machine import own_gpu
from sweeper.train.quiet import tf

TOPS = (255, 16, 1)
"""What stored whole numbers may have been divided by: images of 8 bits, scikit-learn's digits, black and white."""

MULTIPLE = 16
"""Numbers in a register of the processor: the columns that a training step reads are a multiple of it."""

WORTH = 50
"""One blank column in so many is worth an order of their own."""

BLOCK = 512
"""Examples to look at in one go: few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class Part:
    """Training or validation examples: features [N, F], without those that are blank, and class numbers [N].

    Of a regression the numbers, standardised, in place of the classes.
    """

    features: Any
    labels: Any

    def __len__(self) -> int:
        return int(self.labels.shape[0])

    def first(self, batch: int) -> tuple[Any, Any]:  # noqa: ARG002 - as of PartInFile
        """Features and labels of the kind and length that ``calls`` gives."""
        return self.features, self.labels

    def calls(self, order: Order) -> Iterator[tuple[slice, Any, Any, Order]]:
        """What a program is called with to train on batches, [K, B] examples: all of them in one call.

        Which of the batches it is, features and labels, and the places of the batches' examples among those.
        """
        yield slice(len(order)), self.features, self.labels, order

    def pieces(self, multiple: int) -> Iterator[tuple[Any, Any]]:  # noqa: ARG002 - as of PartInFile
        """Features and labels of all examples in order, in pieces of a multiple of so many: here in one."""
        yield self.features, self.labels


@dataclass(frozen=True)
class Resident:
    """A split as tensors, with the columns of its features that hold anything.

    Attributes:
        train, validation: the two parts, in memory or in their file; features are float32, or bytes: `top`-ths.
        top: what bytes are divided by; 0 for float32 features.
        columns: the features in the order of the columns, [F]; the blank ones, which have no column, are last.
        blank: so many are 0 in every example of both parts (a picture's corners, say): no product needs them.
    """

    split: Split
    train: Part | PartInFile
    validation: Part | PartInFile
    top: float
    columns: npt.NDArray[np.intp]
    blank: int


_held: list[Resident] = []


def resident(split: Split, kept: int = 2) -> Resident:
    """The tensors of a split; those of the last two, or `kept`, remain in memory."""
    own_gpu()
    found = next((held for held in _held if held.split is split), None) or _load(split)
    _held[:] = [*[held for held in _held if held is not found][1 - kept :], found]
    return found


def is_resident(split: Split) -> bool:
    """Whether its tensors are in memory."""
    return any(held.split is split for held in _held)


def whole_numbers(features: Examples) -> tuple[npt.NDArray[np.uint8], int] | None:
    """Features as the bytes that they were divided from, and the divisor, if dividing gives back every bit.

    A batch of bytes is gathered from a quarter of the memory, which is faster than the division is slow.
    """
    for top in TOPS:
        found = np.empty(features.shape, np.uint8)
        if all(_pack(features[start : start + BLOCK], top, found[start:]) for start in range(0, len(features), BLOCK)):
            return found, top
    return None


def divisor(features: InFile) -> int:
    """The same divisor of features that stay in their file; 0 where there is none."""
    spare = [np.empty(0, np.uint8)]

    def is_divisor(top: int, block: Examples) -> bool:
        spare[0] = spare[0] if spare[0].shape == block.shape else np.empty(block.shape, np.uint8)
        return _pack(block, top, spare[0])

    return next((top for top in TOPS if all(is_divisor(top, block) for block in features.blocks())), 0)


def _pack(features: npt.NDArray[np.float32], top: int, found: npt.NDArray[np.uint8]) -> bool:
    """Fill the first of `found` with the bytes of some features; whether dividing them gives back every bit."""
    if features.min() < 0 or features.max() * top > 255:
        return False
    mine = found[: len(features)]
    np.rint(features * np.float32(top), out=mine, casting="unsafe")
    return np.array_equal(np.divide(mine, np.float32(top), dtype=np.float32), features)


def _load(split: Split) -> Resident:
    train, validation, top = _bytes(split)
    columns, blank = _columns(train, validation)
    seen = columns[: len(columns) - blank]
    return Resident(
        split,
        _part(train, seen, top, split.train_labels, split.target),
        _part(validation, seen, top, split.validation_labels, split.target),
        top,
        columns,
        blank,
    )


def _bytes(split: Split) -> tuple[Held, Held, float]:
    """Training and validation features, as bytes if they can be, and what those are divided by."""
    held = split.held
    if split.top:
        return *held, split.top
    if isinstance(held[0], InFile) and isinstance(held[1], InFile):
        top = divisor(held[0])
        return *held, top if top and top == divisor(held[1]) else 0.0
    train, validation = whole_numbers(split.train), whole_numbers(split.validation)
    if train and validation and train[1] == validation[1]:
        return train[0], validation[0], train[1]
    return *held, 0.0


def _columns(train: Held, validation: Held) -> tuple[npt.NDArray[np.intp], int]:
    """An order of the columns, and how many at its end are 0 throughout; as they are, where it would gain little.

    Those that are 0 in training alone come after all that are not.
    """
    learnt, judged = _any(train), _any(validation)
    seen = max(1, -(-int((learnt | judged).sum()) // MULTIPLE)) * MULTIPLE
    blank = len(learnt) - seen
    if blank * WORTH < len(learnt):
        return np.arange(len(learnt)), 0
    return np.lexsort((~judged, ~learnt)), blank


def _any(held: Held) -> npt.NDArray[np.bool_]:
    """Which columns hold anything but 0, [F]."""
    if isinstance(held, InFile):
        return np.asarray(np.logical_or.reduce([block.any(axis=0) for block in held.blocks()]))
    return np.asarray(held.any(axis=0))


def _part(
    features: Held, columns: npt.NDArray[np.intp], top: float, labels: Labels | Numbers, target: Target | None
) -> Part | PartInFile:
    truth = labels.astype(np.int32) if target is None else target.standardised(labels.astype(np.float64))
    every = len(columns) == features.shape[1]
    if isinstance(features, InFile):
        return PartInFile(features, None if every else columns, 0.0 if features.dtype == np.uint8 else top, truth)
    own = features if every else np.take(features, columns, axis=1)
    return Part(tf.constant(own), tf.constant(truth))
