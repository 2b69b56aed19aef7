"""Downloads of the catalog's data sets: from any of several mirrors, taken only if the SHA-256 is right."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sweeper.data import places
from sweeper.data.catalog import KNOWN, known
from sweeper.errors import InputError, SweeperError

TIMEOUT = 10.0
"""Seconds that a mirror may stay silent before the next is tried."""

_MOST_BYTES = 64 * 2**20
"""More than any file of the catalog, compressed or not: a mirror that sends more is not read to its end."""


PATIENCE = 600.0
"""Seconds that a whole file may take from one mirror."""

Say = Callable[[str], None]


def fetch(name: str, files: Mapping[str, str], say: Say = lambda _: None) -> dict[str, Any]:
    """Download a data set's files into ``runs/data`` unless they are there, each whole and verified or not at all.

    Args:
        name: of the data set.
        files: SHA-256 of each, uncompressed, by name, as ``sealed.files`` gives them.
        say: is told of each download, in one line.

    Returns:
        ``name``, ``folder``, and ``files``: each with ``name``, ``path``, ``sha256`` and ``downloaded``.

    Raises:
        InputError: the data set is not one of files.
        SweeperError: no mirror gave a file that is right; what each said is in the message.
    """
    if not files:
        names = ", ".join(other for other, entry in KNOWN.items() if entry.files)
        raise InputError(
            f"{name} needs no download: it comes with sweeper's dependencies",
            hint=f"there are to fetch: {names}",
            key="dataset.name",
        )
    folder = places.download_folder(name)
    return {"name": name, "folder": str(folder), "files": [_one(name, folder, *file, say) for file in files.items()]}


def _one(name: str, folder: Path, file: str, sha256: str, say: Say) -> dict[str, Any]:
    path = folder / f"{file}.gz"
    here = path.is_file() and _sha256(path.read_bytes()) == sha256
    if not here:
        _write(path, _download(name, file, sha256, say))
    return {"name": file, "path": str(path), "sha256": sha256, "downloaded": not here}


def _download(name: str, file: str, sha256: str, say: Say) -> bytes:
    """A file's compressed bytes from the first mirror whose copy is right."""
    said = []
    for mirror in known(name).mirrors:
        address = f"{mirror}/{file}.gz"
        say(f"downloading {address}")
        try:
            stored = _get(address)
        except (OSError, http.client.HTTPException, ValueError) as error:
            said.append(f"{address}: {getattr(error, 'reason', error)}")
            continue
        if _sha256(stored) == sha256:
            return stored
        said.append(f"{address}: its SHA-256 is wrong")
    raise SweeperError(
        f"{name} could not be downloaded ({'; '.join(said)})",
        hint=f"put {file}.gz in a folder {name}/ and name the folder above it in SWEEPER_DATA",
        key="dataset.name",
    )


def _get(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "sweeper"})  # noqa: S310 - from the catalog
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        return _all(answer)


def _all(answer: http.client.HTTPResponse) -> bytes:
    """The body, as long as it comes in time and is no longer than a file of the catalog can be."""
    start, content = time.monotonic(), bytearray()
    while chunk := answer.read1(2**20):
        content += chunk
        if len(content) > _MOST_BYTES:
            raise ValueError("it is larger than any file of the catalog")
        if time.monotonic() - start > PATIENCE:
            raise TimeoutError(f"it took more than {PATIENCE:.0f} s")
    if answer.length:
        raise http.client.IncompleteRead(bytes(content), answer.length)
    return bytes(content)


def _sha256(stored: bytes) -> str:
    """SHA-256 of the uncompressed content (a mirror may compress as it likes); "" if it is no gzip file."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpack.decompress(stored, _MOST_BYTES)
    except zlib.error:
        return ""
    return hashlib.sha256(content).hexdigest() if unpack.eof else ""


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a file beside it, then a rename."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path.parent} cannot be written: {error.strerror}", key=str(path.parent)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise SweeperError(f"{path} could not be written: {error.strerror}", key=str(path)) from error
