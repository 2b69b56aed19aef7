"""NumPy archives (.npz): x_train, y_train, x_test and y_test; or x and y, of which a fifth is sealed."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.encode import Scale, Values, usable
from sweeper.data.idx import refuse_sealed
from sweeper.data.labels import Coding, coding
from sweeper.data.raw import Raw, digest
from sweeper.data.sealed._source import Part, Source, in_one_piece
from sweeper.errors import InputError

Array = npt.NDArray[np.generic]

_BYTE = 255
_DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError, zlib.error, zipfile.BadZipFile),
    *(SyntaxError, tokenize.TokenError),  # NumPy reads an array's header as a Python literal
    *(MemoryError, FloatingPointError),  # a header may promise any size
)
"""What a spoilt archive comes to, in one reader or another."""


def source(dataset: Dataset) -> Source:
    """Open an archive; of the test part only the length is read.

    Raises:
        InputError: it cannot be read, lacks arrays, or they are not numbers of matching lengths.
    """
    path = Path(dataset.path)
    names = _names(path)
    if names >= {"x_train", "y_train", "x_test", "y_test"}:
        values, labels = _pair(path, "x_train", "y_train")
        classes = coding(labels, f"y_train of {path}")
        training = replace(_raw(path, values, labels, classes), test_size=_length(path, "y_test"))
        return Source(training, lambda: _sealed(path, training, classes))
    if names >= {"x", "y"}:
        values, labels = _pair(path, "x", "y")
        return in_one_piece(_raw(path, values, labels, coding(labels, f"y of {path}")))
    raise InputError(
        f"{path} has the arrays {', '.join(sorted(names)) or '(none)'}",
        hint="an npz data set has x_train, y_train, x_test and y_test, or x and y",
        key="dataset.path",
    )


def _raw(path: Path, values: Array, labels: Array, classes: Coding) -> Raw:
    numbers = _numbers(values, path)
    if numbers.dtype == np.uint8:
        refuse_sealed(numbers.astype(np.uint8, copy=False), path)
    return Raw(
        name="npz",
        digest=digest(values, labels),
        values=numbers,
        labels=classes.number(labels, str(path)),
        classes=classes.names,
        shape=values.shape[1:] or (1,),
        # One byte a value is how images are stored; any other numbers are taken as they are.
        encoding=Scale(_BYTE if values.dtype == np.uint8 else 1.0),
        test_size=0,
    )


def _sealed(path: Path, training: Raw, classes: Coding) -> Part:
    values, labels = _pair(path, "x_test", "y_test")
    if (values.shape[1:] or (1,)) != training.shape:
        raise _bad(path, f"x_test holds examples of the shape {values.shape[1:]}, x_train of {training.shape}")
    return _numbers(values, path), classes.number(labels, f"y_test of {path}")


def _numbers(values: Array, path: Path) -> Values:
    flat = values.reshape(len(values), -1)
    if flat.dtype == np.uint8:
        return flat.astype(np.uint8, copy=False)
    if flat.dtype.kind not in "iufb":
        raise _bad(path, f"its examples are of the type {values.dtype}, not numbers")
    numbers = flat.astype(np.float64)
    if not usable(numbers):
        raise _bad(path, "its examples have missing, infinite or enormous values")
    return numbers


def _pair(path: Path, values: str, labels: str) -> tuple[Array, Array]:
    try:
        # A header may promise more values than can be counted, of which NumPy would only warn.
        with np.errstate(invalid="raise", over="raise"), np.load(path, allow_pickle=False) as archive:
            x, y = (_array(archive, name) for name in (values, labels))
    except _DAMAGED as error:
        raise _bad(path, _first_line(error)) from error
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or x.size == 0:
        raise _bad(path, f"{values} has the shape {x.shape} and {labels} {y.shape}")
    return x, y


def _array(archive: np.lib.npyio.NpzFile, name: str) -> Array:
    found = archive[name]
    if not isinstance(found, np.ndarray):  # NumPy gives the bytes of what is no array
        raise ValueError(f"{name} is no array")  # noqa: TRY004 - of a file, not of an argument
    return found


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except _DAMAGED as error:
        raise _bad(path, _first_line(error)) from error


def _length(path: Path, name: str) -> int:
    """The first dimension in an array's header."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            version = np.lib.format.read_magic(member)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            return int(header(member)[0][0])
    except (*_DAMAGED, IndexError) as error:
        raise _bad(path, f"{name}: {_first_line(error)}") from error


def _bad(path: Path, why: str) -> InputError:
    return InputError(
        f"{path} cannot be used: {why}",
        hint="save plain arrays of numbers with numpy.savez, images [N, ...] and labels [N]",
        key="dataset.path",
    )
