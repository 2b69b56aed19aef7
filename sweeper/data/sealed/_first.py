"""Tables as the first rule read and sealed them: for studies and runs that are bound to it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.encode import Columns, usable
from sweeper.data.labels import coding
from sweeper.data.raw import Raw
from sweeper.data.sealed._source import Source, by_digest
from sweeper.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_MOST_CATEGORIES = 1000


def digest(dataset: Dataset) -> str:
    """SHA-256 of the file's bytes, a zero byte and the target's name, in hexadecimal."""
    with Path(dataset.path).open("rb") as file:
        state = hashlib.file_digest(file, "sha256")
    state.update(b"\0" + dataset.target.encode())
    return state.hexdigest()


def source(dataset: Dataset) -> Source:
    """Open a table.

    Raises:
        InputError: it cannot be read, lacks the target column, or has missing values.
    """
    path = Path(dataset.path)
    table = _table(dataset, path)
    target = _target(table, dataset.target, path)
    _complete(table, path)
    labels = table[target].to_numpy()
    classes = coding(labels, f"column '{target}' of {path}")
    values, categorical = _values(table.drop(columns=target), path)
    return by_digest(
        Raw(
            name=dataset.name,
            digest=digest(dataset),
            values=values,
            labels=classes.number(labels, str(path)),
            classes=classes.names,
            shape=(),
            encoding=Columns(categorical),
            test_size=0,
        )
    )


def _table(dataset: Dataset, path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        table = pd.read_csv(path) if dataset.name == "csv" else pd.read_parquet(path)
    except (ValueError, OSError, OverflowError, pd.errors.ParserError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{path} is no {dataset.name} table: {why}", key="dataset.path") from error
    if dataset.name == "csv" and not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path} has rows with more fields than its header", key="dataset.path")
    return table


def _target(table: pd.DataFrame, target: str, path: Path) -> str:
    names = [str(name) for name in table.columns]
    table.columns = names
    if target not in names:
        shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        asked = f"no column '{target}'" if target else "dataset.target is empty"
        raise InputError(
            f"{path}: {asked}", hint=f"set dataset.target to one of its columns: {shown}", key="dataset.target"
        )
    if len(set(names)) != len(names):
        raise InputError(f"{path} has two columns of one name", hint="rename one of them", key="dataset.path")
    if len(names) == 1:
        raise InputError(f"{path} has no column but the target", key="dataset.path")
    return target


def _complete(table: pd.DataFrame, path: Path) -> None:
    if not len(table):
        raise InputError(f"{path} has no rows", key="dataset.path")
    missing = table.isna()
    for name in table.columns:
        if missing[name].any():
            first = int(np.flatnonzero(missing[name].to_numpy())[0])
            raise InputError(
                f"{path}: column '{name}' lacks {int(missing[name].sum()):,} values, the first in data row {first + 1}",
                hint="fill them or leave those rows out (an empty field, NA, None and nan all count as missing)",
                key="dataset.path",
            )


def _values(features: pd.DataFrame, path: Path) -> tuple[npt.NDArray[np.float64], tuple[bool, ...]]:
    """Each column as numbers, [N, K], categories as codes; and which columns are categories."""
    columns = [_column(features[name], f"{path}: column '{name}'") for name in features.columns]
    return np.column_stack([values for values, _ in columns]), tuple(category for _, category in columns)


def _column(column: pd.Series, where: str) -> tuple[npt.NDArray[np.float64], bool]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(np.float64)
        if not usable(values):
            raise InputError(f"{where} has infinite or enormous values", key="dataset.path")
        return values, False
    if pd.api.types.is_datetime64_any_dtype(column):
        raise InputError(f"{where} holds dates", hint="turn them into numbers, or leave them out", key="dataset.path")
    codes, names = pd.factorize(column.astype(str), sort=True)
    if len(names) > max(2, min(_MOST_CATEGORIES, len(column) // 2)):
        raise InputError(
            f"{where} is text with {len(names):,} different values, too many for categories",
            hint="leave it out of the table if it is a name or a number of the row",
            key="dataset.path",
        )
    return codes.astype(np.float64), True
