"""A split's examples as tensors, kept in memory for all trials of the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.data.split import Split
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
    """Training or validation examples: features [N, F], class numbers [N]."""

    features: Any
    labels: Any

    def __len__(self) -> int:
        return int(self.labels.shape[0])


@dataclass(frozen=True)
class Resident:
    """A split as tensors, the columns of its features in an order of its own.

    Attributes:
        train, validation: the two parts; features are float32, or uint8 that count `top`-ths.
        top: what uint8 features are divided by; 0 for float32 features.
        classes: C.
        columns: the feature that each column holds, [F]; blank ones are last.
        blank: so many are 0 in every training example (a picture's corners, say): no training step needs them.
    """

    split: Split
    train: Part
    validation: Part
    top: int
    classes: int
    columns: npt.NDArray[np.intp]
    blank: int

    @property
    def features(self) -> int:
        """F."""
        return int(self.train.features.shape[1])


_held: list[Resident] = []


def resident(split: Split) -> Resident:
    """The tensors of a split; those of the last two are kept."""
    found = next((held for held in _held if held.split is split), None) or _load(split)
    _held[:] = [*[held for held in _held if held is not found][-1:], found]
    return found


def whole_numbers(features: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint8], int] | None:
    """Features as the bytes that they were divided from, and the divisor, if dividing gives back every bit.

    A batch of bytes is gathered from a quarter of the memory, which is faster than the division is slow.
    """
    for top in TOPS:
        found = np.empty(features.shape, np.uint8)
        if all(_pack(features[start : start + BLOCK], top, found[start:]) for start in range(0, len(features), BLOCK)):
            return found, top
    return None


def _pack(features: npt.NDArray[np.float32], top: int, found: npt.NDArray[np.uint8]) -> bool:
    """Fill the first of `found` with the bytes of some features; whether dividing them gives back every bit."""
    if features.min() < 0 or features.max() * top > 255:
        return False
    mine = found[: len(features)]
    np.rint(features * np.float32(top), out=mine, casting="unsafe")
    return np.array_equal(np.divide(mine, np.float32(top), dtype=np.float32), features)


def _load(split: Split) -> Resident:
    packed = whole_numbers(split.train)
    held_back = whole_numbers(split.validation)
    if packed is None or held_back is None or packed[1] != held_back[1]:
        train, validation, top = split.train, split.validation, 0
    else:
        train, validation, top = packed[0], held_back[0], packed[1]  # type: ignore[assignment]
    columns, blank = _columns(train)
    return Resident(
        split,
        _part(train, columns, split.train_labels),
        _part(validation, columns, split.validation_labels),
        top,
        len(split.classes),
        columns,
        blank,
    )


def _columns(features: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], int]:
    """An order of the columns, and how many at its end are 0 throughout; as they are, where it would gain little."""
    some = np.asarray(features.any(axis=0))
    seen = max(1, -(-int(some.sum()) // MULTIPLE)) * MULTIPLE
    blank = len(some) - seen
    if blank * WORTH < len(some):
        return np.arange(len(some)), 0
    return np.argsort(~some, kind="stable"), blank


def _part(features: npt.NDArray[Any], columns: npt.NDArray[np.intp], labels: npt.NDArray[np.int64]) -> Part:
    ordered = features if (columns[1:] > columns[:-1]).all() else np.take(features, columns, axis=1)
    return Part(tf.constant(ordered), tf.constant(labels.astype(np.int32)))
