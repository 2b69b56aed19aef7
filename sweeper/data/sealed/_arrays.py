"""The arrays inside a NumPy archive (.npz), read with the suspicion that a stranger's file deserves."""

from __future__ import annotations

import hashlib
import pickle
import stat
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from sweeper.data.encode import Values, first_unusable, usable
from sweeper.data.file_formats import check_format
from sweeper.data.mapped import Mapped
from sweeper.errors import InputError

Array = npt.NDArray[np.generic]

_DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError, zlib.error, zipfile.BadZipFile),
    *(SyntaxError, tokenize.TokenError),  # NumPy reads an array's header as a Python literal
    *(MemoryError, FloatingPointError, OverflowError),  # a header may promise any size
)
"""What a spoilt archive comes to, in one reader or another."""


_CUT_OFF = "it is cut off: its header promises more than it holds"
_SAID = {
    "mmap length": _CUT_OFF,
    "Failed to read all data": _CUT_OFF,
    "EOF: reading": "it is cut off within its header",
    "Python objects": "it holds Python objects, not numbers",
    "length must be positive": "its header promises less than nothing",
    "malformed node": "its header is damaged",
    "overflow encountered": "its header promises more than can be counted",
    "array is too big": "its header promises more than can be counted",
}
"""What NumPy says of a file that it cannot read, and what that means."""


def names(path: Path) -> set[str]:
    """The names of an archive's arrays.

    Raises:
        InputError: there is no such file, it is none that can be read twice (a pipe, say), or it is no archive.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except _DAMAGED as error:
        raise bad(path, _first_line(error)) from error


def check_file(path: Path) -> None:
    """Make sure that a path is an ordinary file: to open a pipe would wait for somebody to write into it.

    Raises:
        InputError: it is not.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read: {why}", key="dataset.path") from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "no ordinary file"
        raise InputError(f"{path} is {what}", hint="name a file", key="dataset.path")


def checksums(path: Path, *names_: str) -> str:
    """What an archive says that some of its arrays are, without reading them: their checksums and sizes."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [archive.getinfo(f"{name}.npy") for name in names_]
    except _DAMAGED as error:
        raise bad(path, _first_line(error)) from error
    return hashlib.sha256(repr([(each.CRC, each.file_size) for each in found]).encode()).hexdigest()[:16]


def pair(path: Path, values: str, labels: str) -> tuple[Array, Array]:
    """Examples [N, ...] and their labels [N]; a label column [N, 1] is taken as [N].

    Raises:
        InputError: they cannot be read, or are of different lengths.
    """
    try:
        # A header may promise more values than can be counted, of which NumPy would only warn.
        with np.errstate(invalid="raise", over="raise"), np.load(path, allow_pickle=False) as archive:
            x, y = _array(archive, values), _labels(archive, path, labels)
    except _DAMAGED as error:
        raise bad(path, _first_line(error)) from error
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or x.size == 0:
        raise bad(path, f"{values} has the shape {x.shape} and {labels} {y.shape}")
    return x, _plain_labels(_column(y), path, labels)


def one(path: Path, name: str) -> Array:
    """A single array, of labels.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with np.errstate(invalid="raise", over="raise"), np.load(path, allow_pickle=False) as archive:
            found = _column(_labels(archive, path, name))
    except _DAMAGED as error:
        raise bad(path, f"{name}: {_first_line(error)}") from error
    return _plain_labels(found, path, name)


def labels_in(path: Path) -> Array:
    """The labels of a ``.npy`` file, [N]; a column [N, 1] is taken as that.

    Raises:
        InputError: they cannot be read, or are no labels.
    """
    _check_array(path)
    try:
        with path.open("rb") as file:
            found = _texts(file)
        if found is None:
            with np.errstate(invalid="raise", over="raise"):
                found = np.asarray(np.load(path, allow_pickle=False))
    except (*_DAMAGED, AttributeError) as error:
        raise bad(path, _first_line(error)) from error
    return _plain_labels(_column(found), path, path.stem)


def mapped(path: Path) -> Mapped:
    """The rows of a ``.npy`` file, which stay there.

    Raises:
        InputError: they cannot be read, or are no numbers.
    """
    _check_array(path)
    try:
        with np.errstate(invalid="raise", over="raise"):
            return Mapped.whole(str(path.absolute()))
    except (*_DAMAGED, AttributeError) as error:
        raise bad(path, _first_line(error)) from error


def _check_array(path: Path) -> None:
    """Make sure that a file is an array of NumPy: to all others NumPy answers that they are pickles."""
    check_file(path)
    with path.open("rb") as file:
        head = file.read(8)
    if not head.startswith(b"\x93NUMPY"):
        check_format(path, "npy")
        raise bad(path, f"it is no NumPy array: it begins with the bytes {head.hex(' ')}")


def _plain_labels(labels: Array, path: Path, name: str) -> Array:
    """Labels; dates as their texts.

    Raises:
        InputError: they are neither numbers nor texts nor dates.
    """
    if labels.dtype.kind == "M":
        return labels.astype(np.str_)
    if labels.dtype.kind not in "biufSUO":
        raise bad(path, f"{name} holds {labels.dtype} values, which are no labels")
    return labels


def examples(path: Path, name: str = "") -> Array:
    """A single array of examples [N, ...]: of an archive by its name, or of a ``.npy`` file.

    Raises:
        InputError: it cannot be read.
    """
    if not name:
        _check_array(path)
    try:
        with np.errstate(invalid="raise", over="raise"):
            found = np.load(path, allow_pickle=False)
            if not name:
                return np.asarray(found)
            with found:
                return _array(found, name)
    except (*_DAMAGED, AttributeError) as error:
        raise bad(path, _first_line(error)) from error


def numbers(values: Array, path: Path) -> Values:
    """Examples as numbers [N, K]: bytes as they are, all others in 64 bits.

    Raises:
        InputError: they are no numbers, or not finite ones.
    """
    flat = values.reshape(len(values), -1)
    if flat.dtype == np.uint8:
        return flat.astype(np.uint8, order="C", copy=False)
    if flat.dtype.kind not in "iufb":
        raise bad(path, f"its examples are of the type {values.dtype}, not numbers")
    made = flat.astype(np.float64, order="C")
    check_usable(made, path)
    return made


def check_usable(values: npt.NDArray[np.float64], path: Path, before: int = 0) -> None:
    """Make sure that examples [N, K] are finite numbers of a size that can be reckoned with.

    Args:
        values: some of the file's examples.
        path: of the file.
        before: how many of its examples come before them.

    Raises:
        InputError: they are not; where the first is.
    """
    if not usable(values):
        first = f"the first in row {before + first_unusable(values):,}, counted from 0"
        hint = "fill them, or leave their rows out"
        raise bad(path, f"its examples have missing, infinite or enormous values, {first}", hint=hint)


def shape(path: Path, name: str) -> tuple[int, ...]:
    """The dimensions in an array's header."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            version = np.lib.format.read_magic(member)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            return tuple(int(size) for size in header(member)[0])
    except _DAMAGED as error:
        raise bad(path, f"{name}: {_first_line(error)}") from error


def bad(path: Path, why: str, hint: str = "") -> InputError:
    """The error for an archive that is of no use."""
    save = "numpy.save" if path.suffix == ".npy" or path.is_dir() else "numpy.savez"
    usual = f"save plain arrays of numbers with {save}, images [N, ...] and labels [N]"
    return InputError(f"{path} cannot be used: {why}", hint=hint or usual, key="dataset.path")


def _column(labels: Array) -> Array:
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels


def _labels(archive: np.lib.npyio.NpzFile, path: Path, name: str) -> Array:
    """Labels; texts that were saved as objects are read without running anything that the file may hold."""
    with zipfile.ZipFile(path) as packed, packed.open(f"{name}.npy") as member:
        texts = _texts(member)
    return _array(archive, name) if texts is None else texts


def _texts(member: IO[bytes]) -> Array | None:
    """The texts of a file whose values are objects; None if they are not."""
    version = np.lib.format.read_magic(member)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _shape, _order, kind = header(member)
    return _Objects(member).texts() if kind.hasobject else None


class _Objects(pickle.Unpickler):
    """Reads an array of objects and knows nothing but NumPy's arrays: anyone else's class or function is refused."""

    _KNOWN = frozenset({"ndarray", "dtype", "_reconstruct"})

    def find_class(self, module: str, name: str) -> Any:
        """See pickle.Unpickler."""
        if module.split(".", maxsplit=1)[0] == "numpy" and name in self._KNOWN:
            return super().find_class(module, name)
        raise ValueError(f"its labels hold {module}.{name} objects")

    def texts(self) -> Array:
        """The array as texts, of whatever was in it."""
        try:
            loaded = self.load()
        except (pickle.UnpicklingError, AttributeError, ImportError, IndexError, RecursionError) as error:
            raise ValueError(f"its labels are no array of texts: {error}") from error
        if not isinstance(loaded, np.ndarray) or not all(isinstance(one, str | int) for one in loaded.ravel()):
            raise ValueError("its labels are objects that are neither texts nor whole numbers")
        return np.asarray(loaded.astype(np.str_))


def _array(archive: np.lib.npyio.NpzFile, name: str) -> Array:
    found = archive[name]
    if not isinstance(found, np.ndarray):  # NumPy gives the bytes of what is no array
        raise ValueError(f"{name} is no array")  # noqa: TRY004 - of a file, not of an argument
    return found


def _first_line(error: BaseException) -> str:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return next((ours for theirs, ours in _SAID.items() if theirs in told), told)
