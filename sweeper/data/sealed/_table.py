"""Tables (CSV, Parquet): one column of labels, the others features, or said why not; a fifth of the rows is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sweeper.config.names import unknown
from sweeper.config.schema import Dataset, Validation
from sweeper.data import leaks, row_keys
from sweeper.data.columns import CATEGORY, DROPPED, GROUP, TARGET, TIME, Column
from sweeper.data.encode import Table
from sweeper.data.labels import coding
from sweeper.data.raw import Raw, described_digest
from sweeper.data.row_keys import Keys
from sweeper.data.sealed import _first, _kinds, _parquet, _text
from sweeper.data.sealed._known import refuse_packaged
from sweeper.data.sealed._labels import labels_of
from sweeper.data.sealed._source import Source, by_content, by_time
from sweeper.data.sealed._stored import Stored
from sweeper.errors import InputError

if TYPE_CHECKING:
    from sweeper.data.split import Labels

_SHOWN = 20
_RULE = 3
"""Of reading and preprocessing tables: part of their digest."""


def source(dataset: Dataset, bound: str, validation: Validation) -> Source:
    """Open a table.

    Args:
        dataset: with the table's path and target, and how to read it.
        bound: the digest that a study or run is bound to; "" for none.
        validation: with the columns that say which rows belong together, or their order in time.

    Raises:
        InputError: it cannot be read as it was meant, or lacks columns or values.
    """
    path = Path(dataset.path)
    refuse_packaged(path)
    first = _first.digest(dataset)
    if bound == first:
        return _first.source(dataset)
    table = _read(dataset, validation, path)
    whole = replace(_raw(table, dataset, validation), earlier=(first,))
    opened = by_time(whole) if validation.time else by_content(whole, table.keys, together=bool(validation.group))
    found = opened.training
    notes = (
        *table.notes,
        *leaks.found(found, table.columns, grouped=bool(validation.group), timed=bool(validation.time)),
    )
    return replace(opened, training=replace(found, notes=notes))


@dataclass(frozen=True)
class _Table:
    """A table as it is read.

    Attributes:
        columns: what each column is taken for, in the file's order.
        values: of each column that is used for anything, by name, [N].
        labels: class numbers, [N].
        classes: their names, [C].
        keys: of the rows, [N]; equal for rows that must stay together.
        notes: what a person should know of how it was read.
    """

    columns: tuple[Column, ...]
    values: dict[str, npt.NDArray[np.float64]]
    labels: Labels
    classes: tuple[str, ...]
    keys: Keys
    notes: tuple[str, ...]


def _read(dataset: Dataset, validation: Validation, path: Path) -> _Table:
    stored, separator, notes = _text.read(dataset, path) if dataset.name == "csv" else (_parquet.read(path), ",", ())
    _check_names(stored, dataset, validation, path)
    target = next(one for one in stored if one.name == dataset.target)
    columns = [
        Column(one.name, TARGET)
        if one is target
        else _used(_kinds.kind_of(one, dataset, separator, str(path)), validation)
        for one in stored
    ]
    values = {
        column.name: _kinds.values_of(one, column, dataset)
        for one, column in zip(stored, columns, strict=True)
        if column.base
    }
    for column in columns:
        if column.base:
            _kinds.check_usable(values[column.name], column, str(path))
    labels, said = labels_of(target, dataset, str(path))
    kept, dropped = _complete(columns, values, labels, dataset, str(path))
    labels, values = labels[kept], {name: column[kept] for name, column in values.items()}
    columns = [_if_constant(column, values) for column in columns]
    _check_features(columns, path)
    classes = coding(labels, f"column '{dataset.target}' of {path}")
    told = (*notes, *said, *dropped, *_said(columns, stored, dataset))
    keys = _keys(columns, values, validation)
    return _Table(tuple(columns), values, classes.number(labels, str(path)), classes.names, keys, told)


def _check_names(stored: Sequence[Stored], dataset: Dataset, validation: Validation, path: Path) -> None:
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
    if not len(stored[0].cells):
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
    asked = f"no column '{dataset.target}'" if dataset.target else "dataset.target is empty"
    hint = f"set dataset.target to one of its columns: {shown}"
    return InputError(f"{path}: {asked}", hint=hint, key="dataset.target")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _used(column: Column, validation: Validation) -> Column:
    """A column that divides the rows is not trained on."""
    if column.name and column.name == validation.group:
        return replace(column, kind=GROUP, why="by validation.group", base=column.base or CATEGORY)
    if column.name and column.name == validation.time:
        return replace(column, kind=TIME, why="by validation.time")
    return column


def _if_constant(column: Column, values: dict[str, npt.NDArray[np.float64]]) -> Column:
    if not column.is_feature:
        return column
    known = values[column.name]
    same = np.isnan(known).all() or (not np.isnan(known).any() and np.ptp(known) == 0)
    return replace(column, kind=DROPPED, why="all its values are the same") if same else column


def _check_features(columns: Sequence[Column], path: Path) -> None:
    if not any(column.is_feature for column in columns):
        left = "; ".join(f"{column.name or '(nameless)'}: {column.why}" for column in columns if column.why)
        raise InputError(f"{path} has no column to train on ({left[:200]})", key="dataset.path")


def _complete(
    columns: Sequence[Column],
    values: dict[str, npt.NDArray[np.float64]],
    labels: npt.NDArray[np.generic],
    dataset: Dataset,
    where: str,
) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    """The rows that are kept, by the rule for missing values, and what is said of those that are not."""
    lacks = {dataset.target: np.array([label is None for label in labels.tolist()])}
    lacks |= {c.name: np.isnan(values[c.name]) for c in columns if c.is_feature or c.kind in {GROUP, TIME}}
    must = {dataset.target} | {c.name for c in columns if c.kind in {GROUP, TIME}}
    for name, lacking in lacks.items():
        if lacking.any() and dataset.missing != "drop" and (name in must or dataset.missing == "refuse"):
            raise InputError(
                f"{where}: column '{name}' lacks {int(lacking.sum()):,} values, the first in data row "
                f"{int(np.argmax(lacking)) + 1}",
                hint="fill them, or leave those rows out: dataset.missing=drop",
                key="dataset.missing",
            )
    if dataset.missing != "drop":
        return np.ones(len(labels), bool), ()
    kept = ~np.any(list(lacks.values()), axis=0)
    gone = int((~kept).sum())
    if not kept.any():
        raise InputError(f"{where}: every row lacks a value", hint="use dataset.missing=impute", key="dataset.missing")
    return kept, (f"{gone:,} of {len(labels):,} rows lack a value and are left out",) if gone else ()


def _keys(columns: Sequence[Column], values: dict[str, npt.NDArray[np.float64]], validation: Validation) -> Keys:
    """Rows by their content; by their group, where there is one."""
    used = [column for column in columns if column.base and column.kind not in {GROUP, TIME}]
    if validation.group:
        used = [column for column in columns if column.kind == GROUP]
    return row_keys.of_columns(_content(column, values[column.name]) for column in used)


def _content(column: Column, values: npt.NDArray[np.float64]) -> npt.NDArray[np.generic]:
    """Values that are the same whatever other rows there are: of categories, their names."""
    if column.base != CATEGORY:
        return values
    names = np.array([*column.categories, None], object)
    return names[np.where(np.isnan(values), len(column.categories), values).astype(np.int64)]


def _raw(table: _Table, dataset: Dataset, validation: Validation) -> Raw:
    features = [column for column in table.columns if column.is_feature]
    values = np.column_stack([table.values[column.name] for column in features])
    encoding = Table(
        tuple(column.kind == CATEGORY for column in features), tuple(bool(np.isnan(v).any()) for v in values.T)
    )
    described = {
        "rule": _RULE,
        "columns": [[column.name, column.kind, list(column.categories)] for column in features],
        "classes": list(table.classes),
        "divided": [validation.group, validation.time],
    }
    moments = table.values[validation.time] if validation.time else None
    digest = described_digest(values, table.labels, **described)
    if moments is not None or validation.group:
        digest = described_digest(table.keys if moments is None else moments, table.labels, of=digest)
    return Raw(
        name=dataset.name,
        digest=digest,
        values=values,
        labels=table.labels,
        classes=table.classes,
        shape=(),
        encoding=encoding,
        test_size=0,
        columns=table.columns,
        groups=table.keys if moments is None else None,
        moments=moments,
    )


def _said(columns: Sequence[Column], stored: Sequence[Stored], dataset: Dataset) -> tuple[str, ...]:
    """How the table is read, in a few lines: what is left out, and what is missing."""
    features = [column for column in columns if column.is_feature]
    kinds = {kind: [c.name for c in features if c.kind == kind] for kind in dict.fromkeys(c.kind for c in features)}
    read = "; ".join(f"{kind}: {_listed(names)}" for kind, names in kinds.items())
    left = [f"'{c.name}' ({c.why})" if c.name else f"a nameless one ({c.why})" for c in columns if _is_left_out(c)]
    lines = [f"read as {read}"]
    if left:
        lines.append(f"columns left out: {_listed(left)}")
    lines += _of_missing(features, stored, dataset)
    return tuple(lines)


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
    where, text = _kinds.first_missing(stored, column, dataset)
    shown = f", {text!r}" if text else ""
    return f"{column.missing:,} in '{column.name}' (the first in data row {where + 1}{shown})"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more
