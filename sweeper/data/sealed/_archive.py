"""NumPy archives (.npz): x_train, y_train, x_test and y_test; or x and y, of which a fifth is sealed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data import row_keys
from sweeper.data.encode import Encoding, Range, Scale, Standard, Values
from sweeper.data.idx import refuse_sealed
from sweeper.data.labels import Coding, coding
from sweeper.data.raw import Raw, described_digest, digest
from sweeper.data.sealed import _arrays
from sweeper.data.sealed._arrays import Array
from sweeper.data.sealed._source import Part, Source, by_content, by_digest

_BYTE = 255
_PARTS = frozenset({"x_train", "y_train", "x_test", "y_test"})


def source(dataset: Dataset, bound: str = "", *_: object) -> Source:
    """Open an archive; of a test part of its own, the number of examples and their classes are read.

    Args:
        dataset: with the archive's path.
        bound: the digest that a study or run is bound to; "" for none.

    Raises:
        InputError: it cannot be read, lacks arrays, or they are not numbers of matching lengths.
    """
    path = Path(dataset.path)
    names = _arrays.names(path)
    if names >= _PARTS:
        return _in_parts(path, bound)
    if names >= {"x", "y"}:
        return _in_one_piece(path, bound)
    raise _arrays.bad(path, f"it has the arrays {', '.join(sorted(names)) or '(none)'}", hint=_WANTED)


_WANTED = "an npz data set has x_train, y_train, x_test and y_test, or x and y"


def _in_parts(path: Path, bound: str) -> Source:
    values, labels = _arrays.pair(path, "x_train", "y_train")
    classes = coding(labels, f"y_train of {path}")
    classes.number(_arrays.one(path, "y_test"), f"y_test of {path}")  # a stranger is said before anything is opened
    raw, old = _raw(path, values, labels, classes)
    sizes, examples = _arrays.shape(path, "y_test"), _arrays.shape(path, "x_test")
    if not sizes or not sizes[0] or (*examples[:1], examples[1:] or (1,)) != (sizes[0], raw.shape):
        why = f"x_test has the shape {examples} and y_test {sizes}, beside x_train of {values.shape}"
        raise _arrays.bad(path, why, hint="examples of training and test are of one shape; nothing was opened")
    _arrays.numbers(_arrays.examples(path, "x_test"), path)  # what could never be opened is said before training
    which = _arrays.checksums(path, "x_test", "y_test")
    training = replace(old if bound == old.digest else raw, test_size=sizes[0], sealed=which)
    return Source(training, lambda: _sealed(path, training, classes))


def _in_one_piece(path: Path, bound: str) -> Source:
    values, labels = _arrays.pair(path, "x", "y")
    raw, old = _raw(path, values, labels, coding(labels, f"y of {path}"))
    if bound == old.digest:
        return by_digest(old)
    sealed = replace(raw, digest=_digest(raw, values, "by content"), earlier=(old.digest,))
    return by_content(sealed, row_keys.of_array(raw.in_memory))


def _raw(path: Path, values: Array, labels: Array, classes: Coding) -> tuple[Raw, Raw]:
    """The rows as they are read today, and by the first rule, by which all but bytes were taken as they are."""
    numbers = _arrays.numbers(values, path)
    if numbers.dtype == np.uint8:
        refuse_sealed(numbers.astype(np.uint8, copy=False), path)
    first = Raw(
        name="npz",
        digest=digest(values, labels),
        values=numbers,
        labels=classes.number(labels, str(path)),
        classes=classes.names,
        shape=values.shape[1:] or (1,),
        encoding=Scale(_BYTE if values.dtype == np.uint8 else 1.0),
        test_size=0,
    )
    if values.dtype == np.uint8:
        return first, first
    now = replace(first, encoding=_encoding(values), earlier=(first.digest,))
    return replace(now, digest=_digest(now, values, "own part")), first


def _encoding(values: Array) -> Encoding:
    return Range() if values.ndim > 2 else Standard()


def _digest(raw: Raw, values: Array, seal: str) -> str:
    return described_digest(
        raw.in_memory,
        raw.labels,
        rule=3,
        seal=seal,
        shape=list(values.shape[1:]),
        classes=list(raw.classes),
        encoding=type(raw.encoding).__name__,
    )


def _sealed(path: Path, training: Raw, classes: Coding) -> Part:
    values, labels = _arrays.pair(path, "x_test", "y_test")
    if (values.shape[1:] or (1,)) != training.shape:
        why = f"x_test holds examples of the shape {values.shape[1:]}, x_train of {training.shape}"
        raise _arrays.bad(path, why)
    return _like(_arrays.numbers(values, path), training.in_memory), classes.number(labels, f"y_test of {path}")


def _like(values: Values, training: Values) -> Values:
    """Test pixels in the unit of the training part: bytes beside numbers from 0 to 1 count 255ths, and back."""
    if values.dtype == np.uint8 and _are_shares(training):
        return values / np.float64(_BYTE)
    if training.dtype == np.uint8 and _are_shares(values):
        return np.asarray(values * np.float64(_BYTE), np.float64)
    return values


def _are_shares(values: Values) -> bool:
    return values.dtype != np.uint8 and bool(values.min() >= 0 and values.max() <= 1)
