"""The IDX format of MNIST (LeCun): a magic number, the sizes of its dimensions, then one byte a value.

Magic is 00 00 TT DD: TT the type (08: unsigned byte), DD the number of dimensions; sizes are 32-bit big-endian.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError

_UNSIGNED_BYTE = 8


def read(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """The values of an IDX file, gzipped or not, with the shape that its header gives.

    Raises:
        InputError: it cannot be read, or is no whole IDX file of bytes with that many dimensions.
    """
    return parse(content(path), dimensions, str(path))


def content(path: Path) -> bytes:
    """A file's bytes, uncompressed.

    Raises:
        InputError: it cannot be read, or its compression is damaged.
    """
    try:
        stored = path.read_bytes()
        return gzip.decompress(stored) if path.suffix == ".gz" else stored
    except (OSError, EOFError, zlib.error) as error:
        raise _bad(str(path), f"it cannot be read ({error})") from error


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
    expected = header + int(np.prod(shape, dtype=object))
    if len(raw) != expected:
        how = "cut short" if len(raw) < expected else "too long"
        raise _bad(name, f"it is {how}: {len(raw):,} bytes where its header promises {expected:,}")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _bad(name: str, why: str) -> InputError:
    return InputError(f"{name} is no whole IDX file: {why}", hint="delete it, or put an undamaged copy there", key=name)
