"""Tables (CSV, Parquet): one column of labels, the others features, or said why not; a fifth of the rows is sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset, Validation
from sweeper.data import OWN, leaks, row_keys
from sweeper.data.columns import CATEGORY, DROPPED, GROUP, TARGET, TIME, Column
from sweeper.data.encode import TableEncoding, lacks_any
from sweeper.data.labels import Coding, coding
from sweeper.data.raw import Apart, Raw, described_digest
from sweeper.data.row_keys import Keys
from sweeper.data.row_sample import sample
from sweeper.data.sealed import _first, _kinds, _parquet, _text, _values
from sweeper.data.sealed._known import refuse_packaged
from sweeper.data.sealed._labels import labels_of
from sweeper.data.sealed._labels import lacking as lacking_labels
from sweeper.data.sealed._markers import EXACT
from sweeper.data.sealed._numbers import Numbering, numbering
from sweeper.data.sealed._source import Source, by_content, by_time, digest_of
from sweeper.data.sealed._stored import Stored
from sweeper.data.sealed._table_names import check_names
from sweeper.data.sealed._table_names import said as said_of
from sweeper.errors import InputError

if TYPE_CHECKING:
    from sweeper.data.split import Labels, Numbers

_RULE = 4
"""The version of reading and preprocessing tables: part of their digest."""


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
    if bound and bound == _first.digest(dataset):
        return _first.source(dataset)
    with ThreadPoolExecutor(1) as beside:  # which hashes meanwhile, and needs no other of Python's threads for that
        first = beside.submit(_first.digest, dataset)
        table = _read(dataset, validation, path, bound)
        apart = Apart(tuple(table.values[column.name] for column in table.columns if column.is_feature))
        digest = beside.submit(_digest, table, apart, dataset, validation)
        opened = _opened(table, apart, dataset, validation)
        found = opened.training
        said = leaks.found(found, table.columns, grouped=bool(validation.group), timed=bool(validation.time))
    return replace(
        opened,
        training=replace(
            found, digest=digest.result(), earlier=(first.result(),), notes=(*table.notes, *found.notes, *said)
        ),
    )


def _opened(table: _Table, apart: Apart, dataset: Dataset, validation: Validation) -> Source:
    whole = _raw(table, dataset, validation)
    if dataset.test_path:
        return _with_test_file(table, replace(whole, values=apart.whole()), dataset)
    if validation.time:
        return by_time(whole, apart)
    return by_content(whole, table.keys, together=bool(validation.group), apart=apart)


def _with_test_file(table: _Table, raw: Raw, dataset: Dataset) -> Source:
    """A test file of one's own is sealed whole; what can be wrong with it is said before it is opened."""
    values, labels, keys = _test_part(table, dataset)
    equal = int(np.isin(keys, table.keys).sum())
    note = f"warning: {equal:,} of {len(labels):,} rows of the test file are rows of training, too"
    assert isinstance(raw.encoding, TableEncoding)
    lacking = tuple(one or bool(np.isnan(v).any()) for one, v in zip(raw.encoding.lacking, values.T, strict=True))
    training = replace(
        raw,
        encoding=replace(raw.encoding, lacking=lacking),
        test_size=len(labels),
        sealed=digest_of(keys, labels),
        notes=(note,) if equal > 0.01 * len(labels) else (),
    )
    return Source(training, lambda: _test_part(table, dataset)[:2], rows=sample(keys))


def _test_part(table: _Table, dataset: Dataset) -> tuple[npt.NDArray[np.float64], Labels | Numbers, Keys]:
    """The test file's features [M, K], labels [M] and keys [M], by the kinds of the training file's columns."""
    path = Path(dataset.test_path)
    stored, _, _ = _columns_of(dataset, path)
    by_name = {one.name: one for one in stored}
    used = [column for column in table.columns if column.is_feature]
    missing = [name for name in (*(column.name for column in used), dataset.target) if name not in by_name]
    if missing:
        raise InputError(f"{path} has no column '{missing[0]}', which the training file has", key="dataset.test_path")
    values = {column.name: _values.same_kind(by_name[column.name], column, dataset, str(path)) for column in used}
    target = by_name[dataset.target]
    if isinstance(table.coding, Numbering):
        labels = table.coding.labels(target, dataset, str(path))
    else:
        labels, _ = labels_of(target, dataset, str(path), like=table.coding)
    kept, _ = _complete(used, values, labels, dataset, str(path))
    numbers = table.coding.number(labels[kept], str(path))
    columns = {name: column[kept] for name, column in values.items()}
    names = [column.name for column in used]
    keys = row_keys.of_columns(_content(column, columns[column.name]) for column in used)
    return np.column_stack([columns[name] for name in names]), numbers, keys


@dataclass(frozen=True)
class _Table:
    """A table as it is read.

    Attributes:
        columns: what each column is taken for, in the file's order.
        values: of each column that is used for anything, by name, [N].
        labels: class numbers, or the numbers to predict, [N].
        coding: the classes, or how numbers are read.
        keys: of the rows, [N]; equal for rows that must stay together.
        notes: what a person should know of how it was read.
        reading: how its file was read, so that others can be read alike.
    """

    columns: tuple[Column, ...]
    values: dict[str, npt.NDArray[np.float64]]
    labels: Labels | Numbers
    coding: Coding | Numbering
    keys: Keys
    notes: tuple[str, ...]
    reading: dict[str, Any]


def _columns_of(dataset: Dataset, path: Path, group: str = "") -> tuple[list[Stored], str, tuple[str, ...]]:
    if dataset.name != "csv":
        return _parquet.read(path), ",", ()
    named = (*dataset.numbers, *dataset.categories, *dataset.dates)
    return _text.read(dataset, path, (dataset.target, *named, group))


def _read(dataset: Dataset, validation: Validation, path: Path, bound: str = "") -> _Table:
    stored, separator, notes = _columns_of(dataset, path, validation.group)
    check_names(stored, dataset, validation, path)
    target = next(one for one in stored if one.name == dataset.target)
    kind = _kinds.dividing_once if bound else _kinds.dividing
    columns = [
        Column(one.name, TARGET) if one is target else kind(one, dataset, separator, str(path), validation)
        for one in stored
    ]
    values = {
        column.name: _values.values_of(one, column, dataset)
        for one, column in zip(stored, columns, strict=True)
        if column.base
    }
    for column in columns:
        if column.base and column.kind != DROPPED:
            _values.check_usable(values[column.name], column, str(path))
    told_as = numbering(target, dataset, separator, str(path))
    if told_as is not None:
        labels, said = told_as.labels(target, dataset, str(path)), tuple(filter(None, [told_as.note]))
    else:
        labels, said = labels_of(target, dataset, str(path))
    kept, dropped = _complete(columns, values, labels, dataset, str(path))
    if not kept.all():
        labels, values = labels[kept], {name: column[kept] for name, column in values.items()}
    columns = [_if_constant(column, values) for column in columns]
    _check_features(columns, path)
    classes = told_as or coding(labels, f"column '{dataset.target}' of {path}")
    told = (*notes, *said, *dropped, *said_of(columns, stored, values, dataset))
    keys = _keys(columns, values, validation)
    if validation.group and len(np.unique(keys)) == len(keys):
        raise InputError(
            f"{path}: no two rows share a value of '{validation.group}', so that no rows belong together",
            hint="name the column that says whose a row is, or leave validation.group out",
            key="validation.group",
        )
    reading = {
        "separator": separator if dataset.name == "csv" else "",
        "texts": [one.name for one in stored if one.is_text],
    }
    reading |= {key: getattr(dataset, key) for key in ("name", "header", "encoding")}
    reading |= {"markers": list(_values.markers(dataset))}
    return _Table(tuple(columns), values, classes.number(labels, str(path)), classes, keys, told, reading)


def _if_constant(column: Column, values: dict[str, npt.NDArray[np.float64]]) -> Column:
    if not column.is_feature:
        return column
    known = values[column.name]
    same = np.isnan(known).all() if lacks_any(known) else np.ptp(known) == 0
    told = " as far as 15 digits tell" if same and len(known) and abs(known[0]) > EXACT else ""
    return replace(column, kind=DROPPED, why=f"all its values are the same{told}") if same else column


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
    lacks = {dataset.target: lacking_labels(labels)}
    used = [c.name for c in columns if c.is_feature or c.kind in {GROUP, TIME}]
    lacks |= {name: np.isnan(values[name]) for name in used if lacks_any(values[name])}
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


def _content(column: Column, values: npt.NDArray[np.float64]) -> Any:
    """Values that are the same whatever other rows there are: of categories, their names."""
    if column.base != CATEGORY:
        return values
    return row_keys.named(np.where(np.isnan(values), -1, values).astype(np.int64), column.categories)


def _raw(table: _Table, dataset: Dataset, validation: Validation) -> Raw:
    """The rows without their values, which are put together when it is known which are needed, and their digest."""
    features = [column for column in table.columns if column.is_feature]
    encoding = TableEncoding(
        tuple(column.kind == CATEGORY for column in features),
        tuple(lacks_any(table.values[column.name]) for column in features),
    )
    numbers = isinstance(table.coding, Numbering)
    moments = table.values[validation.time] if validation.time else None
    return Raw(
        name=dataset.name,
        digest="",
        values=np.empty((0, len(features))),
        labels=np.zeros(len(table.labels), np.int64) if numbers else table.labels.astype(np.int64, copy=False),
        numbers=table.labels.astype(np.float64, copy=False) if numbers else None,
        target=dataset.target,
        classes=table.coding.names,
        shape=(),
        encoding=encoding,
        test_size=0,
        columns=table.columns,
        groups=table.keys if moments is None else None,
        moments=moments,
        reading=table.reading,
    )


def _digest(table: _Table, apart: Apart, dataset: Dataset, validation: Validation) -> str:
    """What a study is bound to: content, columns, kinds, and by what the rows are divided."""
    described = {
        "rule": _RULE,
        "columns": [
            [column.name, column.kind, list(column.categories)] for column in table.columns if column.is_feature
        ],
        "classes": list(table.coding.names),
        "divided": [validation.group, validation.time],
    } | ({"task": "regression"} if isinstance(table.coding, Numbering) else {})
    digest = described_digest(apart, table.labels, **described)
    if validation.time or validation.group:
        by = table.values[validation.time] if validation.time else table.keys
        digest = described_digest(by, table.labels, of=digest)
    return hashlib.sha256(f"{digest} {OWN}".encode()).hexdigest() if dataset.test_path else digest
