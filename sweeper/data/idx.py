"""The IDX format of MNIST (LeCun): a magic number, the sizes of its dimensions, then one byte a value.

Magic is 00 00 TT DD: TT the type (08: unsigned byte), DD the number of dimensions; sizes are 32-bit big-endian.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sweeper.data.catalog import KNOWN, SEALED
from sweeper.errors import InputError

_UNSIGNED_BYTE = 8
_GZIP = b"\x1f\x8b"
_UNDAMAGED = "delete it, or put an undamaged copy there"


def read(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """The values of an IDX file, gzipped or not, with the shape that its header gives.

    Raises:
        InputError: it cannot be read, is no whole IDX file of bytes with that many dimensions, or is a sealed one.
    """
    values = parse(content(path), dimensions, str(path))
    refuse_sealed(values, path)
    return values


def refuse_sealed(values: npt.NDArray[np.uint8], path: Path) -> None:
    """Raise InputError if these are the images or the labels of a test part of the catalog, whatever holds them.

    By content, not by name: a test file under the name of a training file is still sealed.
    """
    if any(as_file_sha256(values.reshape(shape)) in SEALED for shape in _sealed_shapes(values)):
        raise InputError(f"{path} is a test split, which is sealed", hint="`sweeper test` opens it", key=str(path))


def as_file_sha256(values: npt.NDArray[np.uint8]) -> str:
    """SHA-256 of the uncompressed IDX file that holds these values."""
    header = bytes([0, 0, _UNSIGNED_BYTE, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return hashlib.sha256(header + values.tobytes()).hexdigest()


def _sealed_shapes(values: npt.NDArray[np.uint8]) -> list[tuple[int, ...]]:
    parts = [entry for entry in KNOWN.values() if entry.sealed]
    shapes = {shape for entry in parts for shape in ((entry.test,), (entry.test, *entry.shape))}
    return [shape for shape in shapes if values.size == math.prod(shape)]


def content(path: Path) -> bytes:
    """A file's bytes, uncompressed.

    Raises:
        InputError: it cannot be read, or its compression is damaged.
    """
    try:
        stored = path.read_bytes()
        packed = path.suffix == ".gz" or stored.startswith(_GZIP)
        return gzip.decompress(stored) if packed else stored
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}", hint=_UNDAMAGED, key=str(path)) from error


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, uncompressed, in hexadecimal."""
    return hashlib.sha256(content(path)).hexdigest()


def wrong_content(path: Path, name: str) -> InputError:
    """The error for a whole file that is not what the catalog knows of the data set `name`."""
    return InputError(
        f"{path} is not {name}: its SHA-256 is not the catalog's",
        hint=f"delete it, or put {name} there; `sweeper data verify {name}` shows both digests",
        key=str(path),
    )


def parse(raw: bytes, dimensions: int, name: str) -> npt.NDArray[np.uint8]:
    """The values of an IDX file's content; `name` is for the message.

    Raises:
        InputError: wrong magic number, dimensions, or length.
    """
    header = 4 + 4 * dimensions
    if len(raw) < header:
        raise _bad(name, f"it is cut short: {len(raw)} bytes are less than its header of {header}")
    magic = bytes([0, 0, _UNSIGNED_BYTE, dimensions])
    if raw[:4] != magic:
        raise _bad(name, f"its magic number is {raw[:4].hex()}, not {magic.hex()}")
    shape = tuple(int(size) for size in np.frombuffer(raw, ">u4", count=dimensions, offset=4))
    expected = header + math.prod(shape)
    if len(raw) != expected:
        how = "cut short" if len(raw) < expected else "too long"
        raise _bad(name, f"it is {how}: {len(raw):,} bytes where its header promises {expected:,}")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _bad(name: str, why: str) -> InputError:
    return InputError(f"{name} is no whole IDX file: {why}", hint=_UNDAMAGED, key=name)
