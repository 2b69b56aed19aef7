"""The test split: the only package that opens it.

Whatever holds test rows is opened here, in modules that nothing else imports. ``training`` gives what is not
sealed; ``evaluate`` alone reaches the rest, and writes into the ledger before it does.
"""

from __future__ import annotations

from sweeper.config.schema import Dataset
from sweeper.data.raw import Raw


def training(dataset: Dataset) -> Raw:
    """The rows of a data set that are not sealed.

    Raises:
        InputError: there is no such data set, or its files are absent, damaged or of another content.
    """
    from sweeper.data.sealed._source import source

    return source(dataset).training
