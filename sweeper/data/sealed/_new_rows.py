"""Files of rows that are in no split: read as the training file was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.file_formats import check_format
from sweeper.data.idx import refuse_sealed
from sweeper.data.sealed import _arrays, _parquet, _text
from sweeper.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
HINT = "the rows must have the columns of training, or its shape of examples"


def table(path: Path, reading: Mapping[str, Any]) -> tuple[dict[str, pa.ChunkedArray], tuple[str, ...]]:
    """The columns of a CSV or Parquet file by name, and what a person should know of how it was read.

    Raises:
        InputError: it cannot be read, or has two columns of one name.
    """
    _arrays.check_file(path)
    parquet = is_parquet(path)
    check_format(path, "parquet" if parquet else "csv", "file")
    if parquet:
        stored, told = _parquet.read(path), tuple[str, ...]()
    else:
        stored, _, told = _text.read(_as_training(path, reading), path)
    names = [one.name for one in stored]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path} has two columns of the name '{twice}'", hint="rename one of them", key="file")
    if not stored or not len(stored[0].cells):
        raise InputError(f"{path} has no rows", key="file")
    return {one.name: one.cells for one in stored}, told


def array(path: Path) -> npt.NDArray[np.generic]:
    """The examples of an array file: a ``.npy``, or ``x`` (or the only array) of a ``.npz``.

    Raises:
        InputError: it cannot be read, has no such array, or holds a test split.
    """
    _arrays.check_file(path)
    found = _arrays.examples(path, "" if path.suffix == ".npy" else _name(path))
    if found.dtype == np.uint8 and found.ndim > 1:
        refuse_sealed(found.reshape(len(found), -1).astype(np.uint8, copy=False), path)
    return found


def _name(path: Path) -> str:
    names = _arrays.names(path)
    if "x_test" in names:
        raise InputError(f"{path} holds a test split, which is sealed", hint="`sweeper test` opens it", key="file")
    if "x" not in names and len(names) != 1:
        told = ", ".join(sorted(names)) or "(none)"
        raise InputError(f"{path} has the arrays {told}", hint="call the examples x", key="file")
    return "x" if "x" in names else names.pop()


def _as_training(path: Path, reading: Mapping[str, Any]) -> Dataset:
    return Dataset(
        "csv",
        path=str(path),
        separator=str(reading.get("separator", "")),
        encoding=str(reading.get("encoding", "")),
        header=bool(reading.get("header", True)),
    )


def is_parquet(path: Path) -> bool:
    """Whether it is a Parquet file, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"
