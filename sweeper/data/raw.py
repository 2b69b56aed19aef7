"""Training data as they come from a source: not yet divided, not yet scaled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from sweeper.data import OWN
from sweeper.data.columns import Column
from sweeper.data.encode import Encoding, Values
from sweeper.data.mapped import Mapped
from sweeper.data.partition import ClassError, Indices
from sweeper.data.row_keys import Keys
from sweeper.data.split import Labels, Numbers, Target
from sweeper.errors import InputError

BY_DIGEST, BY_CONTENT, BY_TIME = "by digest", "by content", "by time"
SEALS = (OWN, BY_DIGEST, BY_CONTENT, BY_TIME)
"""The set has a test part of its own; a fifth of its rows by its digest (the first rule); each row by its content (or
its group's name); the latest fifth."""

_MANY = 10
"""More classes than this, all of them with digits, may be meant as numbers."""


@dataclass(frozen=True)
class Raw:
    """Rows of a source, in its order.

    Attributes:
        name: of the data set that was really read.
        digest: SHA-256 of the source; see ``catalog.Known.digest`` and ``digest`` below.
        values: [N, K], as stored; of an array that stays in its file, where they are.
        labels: [N], class numbers from 0; all 0 of a regression.
        classes: their names, [C]; none of a regression.
        shape: of one example; () for a table, whose features are known when its encoding is fitted.
        encoding: how values become features.
        test_size: examples in the sealed part, which are not here.
        seal: the rule by which rows were sealed; one of ``SEALS``.
        sealed: which rows are, as a digest of their keys; "" where the digest of the data says it.
        earlier: digests that the same file had by earlier rules.
        file: where it lies, absolute; "" for a set of the catalog.
        typed: where it was said to lie.
        columns: of a table, what each is taken for.
        groups: of a table, a key for each row, [N]; rows of one key stay on one side of a split.
        moments: of a table with an order in time, that of each row, [N].
        notes: lines that a person must see.
        reading: of a table, how its file was read, so that others can be read alike.
        numbers: of a regression, what is to be predicted, [N].
        target: the name of their column.
    """

    name: str
    digest: str
    values: Values | Mapped
    labels: Labels
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    encoding: Encoding
    test_size: int
    seal: str = OWN
    sealed: str = ""
    earlier: tuple[str, ...] = ()
    file: str = ""
    typed: str = ""
    columns: tuple[Column, ...] = ()
    groups: Keys | None = None
    moments: npt.NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    reading: dict[str, Any] = field(default_factory=dict)
    numbers: Numbers | None = None
    target: str = ""

    @property
    def in_memory(self) -> Values:
        """The values, [N, K].

        Raises:
            TypeError: they stay in their file.
        """
        if isinstance(self.values, Mapped):
            raise TypeError("these values stay in their file")
        return self.values

    @property
    def truth(self) -> Labels | Numbers:
        """What is to be learnt: class numbers, or the numbers themselves, [N]."""
        return self.labels if self.numbers is None else self.numbers

    def strata(self, taken: int) -> Labels:
        """What a split that takes so many rows keeps in proportion, [N].

        That is the classes or, of numbers, up to ten parts of equal size.
        """
        if self.numbers is None:
            return self.labels
        return _parts(self.numbers, max(1, min(_MOST, len(self.numbers) // _ROWS, taken, len(self.numbers) - taken)))

    @contextmanager
    def naming_classes(self) -> Iterator[None]:
        """Errors about a class call it by its name.

        Raises:
            InputError: what was raised inside.
        """
        try:
            yield
        except ClassError as error:
            said, hint, key = error.said, error.hint, error.key
            if error.number >= len(self.classes):
                raise InputError(f"the rows cannot be divided: {error.message}", hint=hint, key=key) from error
            if len(self.classes) > _MANY and all(any(sign.isdigit() for sign in name) for name in self.classes):
                hint += "; if the target is a number to predict: dataset.task=regression"
            raise InputError(f"class '{self.classes[error.number]}' {said}", hint=hint, key=key) from error

    def target_of(self, train: npt.NDArray[np.int64]) -> Target | None:
        """The target of a regression, by these training rows; None where there are classes."""
        return None if self.numbers is None else Target.of(self.target, self.numbers[train])


_MOST, _ROWS = 10, 10
"""Parts that numbers are divided into for a split, at most, and the rows of each, at least."""


def _parts(numbers: Numbers, count: int) -> Labels:
    """The part, by size, that each number belongs to; equal numbers are in one."""
    limits = np.unique(np.quantile(numbers, np.arange(1, count) / count))
    parts = np.searchsorted(limits, numbers, side="right").astype(np.int64)
    return parts if np.bincount(parts)[np.unique(parts)].min() >= 2 else np.zeros(len(numbers), np.int64)


_FLOATS = np.dtype(np.float64)
_AT_ONCE = 2**11
"""Rows that are put together at a time."""


@dataclass(frozen=True)
class Apart:
    """Columns that have not been put together yet; each is [N]."""

    columns: tuple[npt.NDArray[np.float64], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """[N, K]."""
        return len(self.columns[0]), len(self.columns)

    def rows(self, places: Indices) -> npt.NDArray[np.float64]:
        """Some rows, column by column in memory."""
        made = np.empty((len(places), len(self.columns)), order="F")
        for k, column in enumerate(self.columns):
            np.take(column, places, out=made[:, k], mode="clip")  # other modes make a copy first
        return made

    def whole(self) -> npt.NDArray[np.float64]:
        """All rows, column by column in memory."""
        made = np.empty(self.shape, order="F")
        for k, column in enumerate(self.columns):
            made[:, k] = column
        return made

    def blocks(self) -> Iterator[npt.NDArray[np.float64]]:
        """All rows, some at a time, row by row in memory."""
        for start in range(0, self.shape[0], _AT_ONCE):
            yield np.column_stack([column[start : start + _AT_ONCE] for column in self.columns])


@overload
def rows_of(values: Values, places: Indices) -> Values: ...
@overload
def rows_of(values: Values | Mapped, places: Indices) -> Values | Mapped: ...
def rows_of(values: Values | Mapped, places: Indices) -> Values | Mapped:
    """Some rows of values [N, K], by rising places: kept column by column, or in their file, where the values are."""
    if len(places) == len(values):
        return values
    if isinstance(values, Mapped):
        return values.at(places)
    if values.flags.c_contiguous:
        found: Values = values[places]
    else:
        found = values.T.take(places, axis=1).T
    return found


def buffers(values: npt.NDArray[Any] | Apart) -> Iterator[memoryview]:
    """The bytes of values, row by row, in one piece or several."""
    blocks = values.blocks() if isinstance(values, Apart) else [values]
    for block in blocks:
        if block.size:
            yield np.ascontiguousarray(block).data


def described_digest(values: npt.NDArray[np.generic] | Apart, labels: npt.NDArray[np.generic], **described: Any) -> str:
    """SHA-256 over a description of the data (JSON values), then the bytes of the values and of the labels."""
    state = description(**described)
    for part in (values, labels):
        kind = _FLOATS if isinstance(part, Apart) else part.dtype
        add(state, kind, part.shape, buffers(part))
    return state.hexdigest()


def description(**described: Any) -> hashlib._Hash:
    """What ``described_digest`` begins with, of which ``add`` makes the rest where that comes piece by piece."""
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode())


def add(state: hashlib._Hash, kind: np.dtype[Any], shape: tuple[int, ...], pieces: Iterable[memoryview]) -> None:
    """Take an array of that kind and shape into a digest, row by row."""
    state.update(f"\0{kind.str}{shape}\0".encode())
    for piece in pieces:
        state.update(piece)


def digest(values: npt.NDArray[np.generic], labels: npt.NDArray[np.generic]) -> str:
    """SHA-256 over the bytes of the values, row by row, and then of the labels, in hexadecimal.

    Neither shape nor container counts: MNIST has one digest as IDX files and as an archive.
    """
    state = hashlib.sha256(np.ascontiguousarray(values).data)
    state.update(np.ascontiguousarray(labels).data)
    return state.hexdigest()
