"""What a person should know of how a table is read, and the errors for names that it does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweeper.config.registry import unknown
from sweeper.config.schema import Dataset, Validation
from sweeper.data.columns import TARGET, Column
from sweeper.data.sealed import _lookalike, _markers, _values
from sweeper.data.sealed._stored import Stored
from sweeper.data.split import Numbers
from sweeper.errors import InputError

_SHOWN = 20


def said(
    columns: Sequence[Column], stored: Sequence[Stored], values: Mapping[str, Numbers], dataset: Dataset
) -> tuple[str, ...]:
    """How the table is read, in a few lines: what is left out, what is missing, and what may be meant otherwise."""
    features = [column for column in columns if column.is_feature]
    kinds = {kind: [c.name for c in features if c.kind == kind] for kind in dict.fromkeys(c.kind for c in features)}
    read = "; ".join(f"{kind}: {_listed(names)}" for kind, names in kinds.items())
    left = [f"'{c.name}' ({c.why})" if c.name else f"a nameless one ({c.why})" for c in columns if _is_left_out(c)]
    lines = [f"read as {read}"]
    if left:
        lines.append(f"columns left out: {_listed(left)}")
    lines += [*_of_missing(features, stored, dataset), *_lookalike.said(columns, stored, dataset)]
    lines += _markers.said(columns, stored, values, dataset)
    return tuple(lines)


def check_names(stored: Sequence[Stored], dataset: Dataset, validation: Validation, path: Path) -> None:
    """Raise InputError unless the columns have names of their own, and those that keys name are there."""
    names = [one.name for one in stored]
    target = dataset.target
    if target not in names:
        raise _no_target(names, dataset, path)
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        hint = "rename one of them, or delete it: which of the two is meant cannot be known"
        raise InputError(f"{path} has two columns of the name '{twice}'", hint=hint, key="dataset.path")
    if len(names) == 1:
        raise InputError(f"{path} has no column but the target", key="dataset.path")
    if not stored[0].rows:
        raise InputError(f"{path} has no rows", key="dataset.path")
    _check_keys(names, dataset, validation, path)


def _check_keys(names: Sequence[str], dataset: Dataset, validation: Validation, path: Path) -> None:
    """Raise for a key that names a column which is not there, or the target."""
    told = {f"dataset.{key}": getattr(dataset, key) for key in ("drop", "numbers", "categories", "dates")}
    told |= {f"validation.{key}": [getattr(validation, key)] for key in ("group", "time") if getattr(validation, key)}
    others = [name for name in names if name != dataset.target]
    for key, columns in told.items():
        for name in columns:
            if name == dataset.target:
                raise InputError(f"{key} names the target, '{name}'", hint="name another column", key=key)
            if name not in others:
                raise unknown("column", name, others, where=str(path), key=key)


def _no_target(names: Sequence[str], dataset: Dataset, path: Path) -> InputError:
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    if dataset.header and dataset.name == "csv" and any(_is_number(name) for name in names):
        return InputError(
            f"{path} has no column '{dataset.target}': its first line looks like data ({shown[:60]})",
            hint="if it has no header, say dataset.header=false and dataset.target=column_N, the column's number",
            key="dataset.header",
        )
    if names and re.match(r"sep=.?$", names[0]):
        hint = "that line is for Excel alone: take it out"
        raise InputError(f"{path}: its first line is {names[0]!r}, not a header", hint=hint, key="dataset.path")
    asked = f"no column '{dataset.target}'" if dataset.target else "dataset.target is empty"
    hint = f"set dataset.target to one of its columns: {shown}"
    if len(names) == 1 and dataset.name == "csv" and not dataset.separator:
        hint = f"its first line is one column, {shown!r}; if it is several: dataset.separator=\"' '\""
    return InputError(f"{path}: {asked}", hint=hint, key="dataset.target")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_left_out(column: Column) -> bool:
    return not column.is_feature and column.kind != TARGET


def _of_missing(features: Sequence[Column], stored: Sequence[Stored], dataset: Dataset) -> list[str]:
    lacking = [column for column in features if column.missing]
    if not lacking or dataset.missing != "impute":
        return []
    by_name = {one.name: one for one in stored}
    told = _listed([_first_missing(column, by_name[column.name], dataset) for column in lacking])
    rule = "numbers by the training median and a feature that says so, categories by one of their own"
    return [f"missing values: {told}; they are filled in, {rule} (dataset.missing=refuse or drop does otherwise)"]


def _first_missing(column: Column, stored: Stored, dataset: Dataset) -> str:
    where, text = _values.first_missing(stored, column, dataset)
    shown = f", {text!r}" if text else ""
    return f"{column.missing:,} in '{column.name}' (the first in data row {where + 1}{shown})"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more
