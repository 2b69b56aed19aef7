"""From a data set's name to its reader."""

from __future__ import annotations

from sweeper.config.schema import Dataset
from sweeper.data import catalog
from sweeper.data.sealed import _archive, _known, _table
from sweeper.data.sealed._source import Source


def source(dataset: Dataset) -> Source:
    """Open a data set.

    Raises:
        InputError: there is no such data set, or its files are absent, damaged or of another content.
    """
    catalog.check_name(dataset.name)
    if dataset.name in catalog.KNOWN:
        return _known.source(dataset.name)
    return _archive.source(dataset) if dataset.name == "npz" else _table.source(dataset)
