"""Reader of the catalog's tables inside Python packages: numbers by columns with names, and a number to predict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data import row_keys
from sweeper.data.catalog import known
from sweeper.data.columns import NUMBER, TARGET, Column
from sweeper.data.encode import TableEncoding
from sweeper.data.idx import content
from sweeper.data.raw import Raw, digest
from sweeper.data.sealed._known import damaged, in_package
from sweeper.data.sealed._source import Source, by_content
from sweeper.data.sealed._stored import MISSING
from sweeper.data.split import Numbers

_READING = {"name": "csv", "header": True, "encoding": "", "separator": "", "texts": [], "markers": [*MISSING]}
"""How new rows in a file are read: as any table is."""


def source(dataset: Dataset, *_: object) -> Source:
    """Open it. The rows are sealed as those of the same table in a file of one's own would be.

    Raises:
        InputError: its package is not installed, or has another content.
    """
    values, numbers = _read(dataset.name)
    found = digest(values, numbers)
    if found != known(dataset.name).digest:
        raise damaged(dataset.name)
    keys = row_keys.of_columns(values.T)
    return by_content(replace(_raw(dataset.name, found, values, numbers), groups=keys), keys)


def _read(name: str) -> tuple[Numbers, Numbers]:
    """Features [N, K] and the numbers to predict [N], in the files' order."""
    entry = known(name)
    assert entry.package is not None
    assert entry.table is not None
    package, features = entry.package
    values, numbers = (
        np.loadtxt(content(in_package(name, package, file)).decode().splitlines(), dtype=np.float64)
        for file in (features, entry.table.file)
    )
    return values, numbers


def _raw(name: str, found: str, values: Numbers, numbers: Numbers) -> Raw:
    entry = known(name)
    assert entry.table is not None
    names = entry.table.columns
    columns = [Column(column, NUMBER, base=NUMBER) for column in names]
    return Raw(
        name=name,
        digest=found,
        values=values,
        labels=np.zeros(len(values), np.int64),
        numbers=numbers,
        target=entry.table.target,
        classes=(),
        shape=(),
        encoding=TableEncoding((False,) * len(names), (False,) * len(names)),
        test_size=0,
        columns=(*columns, Column(entry.table.target, TARGET)),
        reading=_READING,
    )
