"""New rows as Python has them: a DataFrame or an array, read as the file of them would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sweeper.api.calling import path
from sweeper.errors import InputError


@contextmanager
def rows_as_file(rows: object) -> Iterator[Path]:
    """A file with the rows: the one that is named, or for as long as it is needed one that holds them.

    Args:
        rows: a path; or a DataFrame, its index left out, or an array.

    Raises:
        InputError: they are neither, or cannot be held by a file.
    """
    if not (hasattr(rows, "columns") or hasattr(rows, "__array__")):
        yield path(rows or None, "file") or _nothing()  # type: ignore[arg-type]
        return
    with tempfile.TemporaryDirectory(prefix="sweeper-rows-") as place:
        file = _parquet(rows, Path(place)) if hasattr(rows, "columns") else _array(rows, Path(place))
        try:
            yield file
        except InputError as error:  # the file is no business of the caller's
            raise InputError(error.message.replace(str(file), _NAMED), hint=error.hint, key=error.key) from error


_NAMED = "the rows"


def _nothing() -> Path:
    hint = "give the path of a file, a DataFrame or an array"
    raise InputError("there are no rows to predict", hint=hint, key="file")


def _parquet(frame: Any, place: Path) -> Path:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = pd.DataFrame(frame)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InputError(f"{_NAMED} have two columns of the name '{twice[0]}'", hint="rename one of them", key="file")
    try:
        table = pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        why = str(error).splitlines()[0][:160]
        raise InputError(f"{_NAMED} have a column of mixed values: {why}", hint="convert it", key="file") from error
    pq.write_table(table, file := place / "rows.parquet")
    return file


def _array(array: Any, place: Path) -> Path:
    import numpy as np

    values = np.asarray(array)
    if values.dtype == object:
        raise InputError(f"{_NAMED} are an array of objects", hint="give numbers, or a DataFrame", key="file")
    np.save(file := place / "rows.npy", values)
    return file
