"""What ``sweeper data list`` and ``sweeper data verify`` know: plain documents about the data sets on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sweeper.config.datasets import DATASETS
from sweeper.config.schema import Dataset
from sweeper.data import idx, places, sealed
from sweeper.data.catalog import KNOWN, known
from sweeper.errors import InputError


def listing() -> dict[str, Any]:
    """Every data set of the catalog and every kind of file; nothing is read but whether it is there.

    Returns:
        ``datasets``: each with ``name``, ``title``, ``classes``, ``shape``, ``sizes`` (of training and test),
        ``digest``, ``here`` and ``where``; ``kinds``: what a file of yours must hold, by kind.
    """
    return {
        "datasets": [_summary(name) for name in KNOWN],
        "kinds": {name: kind.holds for name, kind in DATASETS.items() if kind.is_file},
    }


def verify(name: str = "") -> dict[str, Any]:
    """Compare what is on this machine with the digests of the catalog.

    Test files are hashed, which shows nothing of them and is no opening of the test split.

    Args:
        name: of one data set; "" for all that are here.

    Returns:
        ``ok``, and ``datasets``: each with ``name``, ``here``, ``ok``, and ``files``, each of which has ``file``,
        ``expected``, ``found`` (null if it is absent or cannot be read), ``ok`` and ``why``.

    Raises:
        InputError: there is no such data set, or it is not on this machine.
    """
    if name == "all":
        message = "all that are here are verified without a name"
        raise InputError(message, key="dataset.name", instead=("all", ""))
    found = [_verified(every) for every in ([name] if name else KNOWN)]
    if name and not found[0]["here"]:
        raise InputError(
            f"{name} is not on this machine", hint=f"`sweeper data fetch {name}` downloads it", key="dataset.name"
        )
    return {"ok": all(every["ok"] for every in found if every["here"]), "datasets": found}


def _summary(name: str) -> dict[str, Any]:
    entry, where = known(name), _where(name)
    return {
        "name": name,
        "title": entry.title,
        "classes": list(entry.classes),
        "shape": list(entry.shape),
        "sizes": {"train": entry.train, "test": entry.test},
        "digest": entry.digest,
        "here": where is not None,
        "where": where,
    }


def _where(name: str) -> str | None:
    if not known(name).files:
        return "a package that sweeper depends on"
    found = places.folder(name) or places.archive(name)
    return None if found is None else str(found)


def _verified(name: str) -> dict[str, Any]:
    folder = places.folder(name)
    if folder is not None:
        files = [_file(folder, file, expected) for file, expected in sealed.files(name).items()]
    elif _where(name) is None:
        files = []
    else:
        files = [_whole(name)]
    return {"name": name, "here": bool(files), "ok": all(file["ok"] for file in files) and bool(files), "files": files}


def _file(folder: Path, name: str, expected: str) -> dict[str, Any]:
    path = places.file_in(folder, name)
    if path is None:
        return _checked(str(folder / name), expected, None, "it is not there")
    try:
        return _checked(str(path), expected, idx.sha256(path))
    except InputError as error:
        return _checked(str(path), expected, None, error.message)


def _whole(name: str) -> dict[str, Any]:
    """A set in one file: opening it compares its digest."""
    file = str(places.archive(name) or f"{name} in its package")
    try:
        return _checked(file, known(name).digest, sealed.training(Dataset(name)).digest)
    except InputError as error:
        return _checked(file, known(name).digest, None, error.message)


def _checked(file: str, expected: str, found: str | None, why: str = "") -> dict[str, Any]:
    right = found == expected
    return {
        "file": file,
        "expected": expected,
        "found": found,
        "ok": right,
        "why": why or ("" if right else "its SHA-256 is not the catalog's"),
    }
