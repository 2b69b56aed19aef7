"""Arrays in files of their own (.npy), which may be larger than the memory: their rows stay where they are.

They are looked at once from beginning to end: each row is checked, and has its part in the digest and its own key.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.config.metrics import CLASSIFICATION, REGRESSION
from sweeper.config.schema import Dataset
from sweeper.data import OWN, row_keys
from sweeper.data.encode import Encoding, Range, Scale, Standard, usable
from sweeper.data.idx import refuse_sealed
from sweeper.data.labels import Coding, coding
from sweeper.data.mapped import Mapped
from sweeper.data.raw import BY_CONTENT, Raw, add, buffers, description
from sweeper.data.row_keys import Keys
from sweeper.data.sealed import _arrays
from sweeper.data.sealed._arrays import Array
from sweeper.data.sealed._numbers import MOST_CLASSES
from sweeper.data.sealed._source import Part, Source, by_content
from sweeper.data.split import Labels, Numbers
from sweeper.errors import InputError

_BYTE = 255
_PARTS = frozenset({"x_train", "y_train", "x_test", "y_test"})
_WANTED = "an npy data set is a folder with x.npy and y.npy, or x_train.npy, y_train.npy, x_test.npy and y_test.npy"
_SMALL = 2**24
"""Bytes; no test split of the catalog has more."""


def source(dataset: Dataset, *_: object) -> Source:
    """Open a folder of arrays; of a test part of its own, its labels are compared with those of training.

    Args:
        dataset: with the folder's path.

    Raises:
        InputError: it lacks files, or they are not numbers of matching lengths.
    """
    folder = Path(dataset.path)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder", hint=_WANTED, key="dataset.path")
    names = {path.stem for path in folder.glob("*.npy")}
    if names >= _PARTS:
        unread = f"{folder} has a test part of its own: x.npy and y.npy beside it are not read"
        return _in_parts(folder, dataset, (unread,) if names & {"x", "y"} else ())
    if names >= {"x", "y"}:
        return _in_one_piece(folder, dataset)
    found = ", ".join(f"{name}.npy" for name in sorted(names)) or "no .npy file"
    archive = next(iter(sorted(folder.glob("*.npz"))), None)
    more = f"; dataset=npz dataset.path={shlex.quote(str(archive))} reads the archive" if archive else ""
    raise _arrays.bad(folder, f"it has {found}", hint=_WANTED + more)


def _in_one_piece(folder: Path, dataset: Dataset) -> Source:
    rows, found = _pair(folder, "x", "y", dataset)
    raw, keys = _raw(rows, found, BY_CONTENT)
    return by_content(raw, keys)


def _in_parts(folder: Path, dataset: Dataset, notes: tuple[str, ...]) -> Source:
    rows, found = _pair(folder, "x_train", "y_train", dataset)
    path = folder / "y_test.npy"
    truth = found.truth_of(_arrays.labels_in(path), str(path))  # a stranger is said before anything is opened
    test = _arrays.mapped(folder / "x_test.npy")
    if test.example != rows.example or len(test) != len(truth) or not len(test):
        why = f"x_test has the shape {test.stored} and y_test {truth.shape}, beside x_train of {rows.stored}"
        raise _arrays.bad(folder, why, hint="examples of training and test are of one shape; nothing was opened")
    _check_like(test, rows)  # what could never be opened is said before anything is trained
    raw, _ = _raw(rows, found, OWN)
    which = _digest_of(folder / "x_test.npy", path)
    training = replace(raw, test_size=len(truth), sealed=which, notes=(*raw.notes, *notes))
    return Source(training, lambda: _sealed(test, raw, truth))


def _digest_of(*paths: Path) -> str:
    """Which test part the files hold, by their bytes."""
    found = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()[:16]


def _sealed(test: Mapped, raw: Raw, truth: Labels | Numbers) -> Part:
    assert isinstance(raw.values, Mapped)
    _check_like(test, raw.values)
    return test, truth


def _check_like(test: Mapped, rows: Mapped) -> None:
    """Make sure that a test part holds numbers, of the kind of the training part's."""
    if test.dtype != rows.dtype:
        why = f"it holds {test.dtype} beside {rows.dtype} of training"
        raise _arrays.bad(Path(test.path), why, hint="save both alike: bytes (uint8), or other numbers")
    for _ in _checked(test):
        pass


@dataclass(frozen=True)
class _Truth:
    """What is to be learnt: the classes, or None where it is numbers, and why that is so, for people."""

    truth: Labels | Numbers
    classes: Coding | None
    note: str = ""

    def truth_of(self, labels: Array, where: str) -> Labels | Numbers:
        """The same of other labels."""
        return _numbers(labels, where) if self.classes is None else self.classes.number(labels, where)


def _pair(folder: Path, values: str, labels: str, dataset: Dataset) -> tuple[Mapped, _Truth]:
    path = folder / f"{labels}.npy"
    rows, said = _arrays.mapped(folder / f"{values}.npy"), _arrays.labels_in(path)
    if said.ndim == 0 or len(rows) != len(said) or not rows.width or not len(rows):
        hint = "save one label, or one number, for each row, in the same order"
        raise _arrays.bad(folder, f"{values} has the shape {rows.stored} and {labels} {said.shape}", hint=hint)
    return rows, _truth(said, dataset.task, str(path))


def _truth(labels: Array, task: str, where: str) -> _Truth:
    why = _are_numbers(labels) if task != CLASSIFICATION else ""
    if task == REGRESSION and labels.dtype.kind not in "iuf":
        raise InputError(f"{where} holds no numbers", hint="leave dataset.task out", key="dataset.task")
    if why or task == REGRESSION:
        said = f"{where} is taken for numbers to predict, since {why} (dataset.task=classification otherwise)"
        return _Truth(_numbers(labels, where), None, said if task != REGRESSION else "")
    classes = coding(labels, where)
    return _Truth(classes.number(labels, where), classes)


def _are_numbers(labels: Array) -> str:
    """Why these can be no classes; "" where they may be."""
    if labels.dtype.kind not in "iuf" or labels.ndim != 1:
        return ""
    numbers = labels.astype(np.float64)
    known = numbers[np.isfinite(numbers)]
    if np.any(known != np.round(known)):
        return "it has fractions"
    return f"it has more than {MOST_CLASSES:,} different values" if len(np.unique(known)) > MOST_CLASSES else ""


def _numbers(labels: Array, where: str) -> Numbers:
    """Numbers to predict.

    Raises:
        InputError: they are no numbers, not one an example, not finite, or all the same.
    """
    if labels.ndim != 1 or labels.dtype.kind not in "iuf":
        raise InputError(f"{where} has {labels.dtype} values of the shape {list(labels.shape)}", key="dataset.path")
    numbers = labels.astype(np.float64)
    if not usable(numbers):
        hint = "take those rows out"
        raise InputError(f"{where} has missing, infinite or enormous values", hint=hint, key="dataset.path")
    if len(numbers) and np.ptp(numbers) == 0:
        hint = "there is nothing to predict"
        raise InputError(f"{where} is {numbers[0]:g} in every row", hint=hint, key="dataset.path")
    return numbers


def _raw(rows: Mapped, found: _Truth, seal: str) -> tuple[Raw, Keys]:
    """The rows with the digest of all of them, and their keys."""
    classes = () if found.classes is None else found.classes.names
    encoding = _encoding(rows)
    state = _begun(rows, classes, encoding, seal, numbers=found.classes is None)
    keys = row_keys.of_blocks(_looked_through(rows, state), rows.width)
    add(state, found.truth.dtype, found.truth.shape, buffers(found.truth))
    return _as_raw(rows, found, classes, encoding, state.hexdigest()), keys


def _as_raw(rows: Mapped, found: _Truth, classes: tuple[str, ...], encoding: Encoding, digest: str) -> Raw:
    numbers = found.truth.astype(np.float64) if found.classes is None else None
    return Raw(
        name="npy",
        digest=digest,
        values=rows,
        labels=found.truth.astype(np.int64) if numbers is None else np.zeros(len(rows), np.int64),
        classes=classes,
        shape=rows.example,
        encoding=encoding,
        test_size=0,
        notes=(found.note,) if found.note else (),
        numbers=numbers,
        target="y" if numbers is not None else "",
    )


def _begun(rows: Mapped, classes: tuple[str, ...], encoding: Encoding, seal: str, *, numbers: bool) -> Any:
    """The digest's first part: an archive with the same arrays has the same."""
    shape = [] if rows.example == (1,) and len(rows.stored) == 1 else list(rows.example)
    of_task = {"task": REGRESSION} if numbers else {}
    named = {"seal": seal, "shape": shape, "classes": list(classes), "encoding": type(encoding).__name__}
    return description(rule=3, **named, **of_task)


def _looked_through(rows: Mapped, state: Any) -> Iterator[Array]:
    """All rows block by block, each of them checked and taken into the digest."""
    add(state, rows.dtype, rows.shape, ())
    if rows.dtype == np.uint8 and np.prod(rows.shape) <= _SMALL:
        refuse_sealed(rows[:], Path(rows.path))
    for block in _checked(rows):
        for piece in buffers(block):
            state.update(piece)
        yield block


def _checked(rows: Mapped) -> Iterator[Array]:
    """All rows block by block, each of which holds numbers that can be reckoned with."""
    before = 0
    for block in rows.blocks():
        if block.dtype != np.uint8:
            _arrays.check_usable(block.astype(np.float64, copy=False), Path(rows.path), before)
        before += len(block)
        yield block


def _encoding(rows: Mapped) -> Encoding:
    if rows.dtype == np.uint8:
        return Scale(_BYTE)
    return Range() if len(rows.example) > 1 else Standard()
