"""What a data set is read through: its training part, and a way to its test part that only ``evaluate`` takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sweeper.data import partition
from sweeper.data.encode import Values
from sweeper.data.raw import BY_CONTENT, BY_DIGEST, Raw
from sweeper.data.row_keys import Keys
from sweeper.data.row_sample import sample
from sweeper.data.split import Labels

Part = tuple[Values, Labels]


@dataclass(frozen=True)
class Source:
    """Training rows in memory; test rows behind a call.

    Attributes:
        training: the rows that are not sealed.
        test: gives those that are.
        rows: a sample of the sealed rows' keys, for the ledger; "" where the digest alone says which they are.
    """

    training: Raw
    test: Callable[[], Part]
    rows: str = ""


def by_digest(whole: Raw) -> Source:
    """Seal a fifth of a set in one piece by the first rule: sets of the catalog, and whatever is bound to it."""
    cut = partition.sealed(whole.labels, whole.digest)
    return _divided(replace(whole, seal=BY_DIGEST), cut)


def by_content(whole: Raw, keys: Keys) -> Source:
    """Seal a fifth of a set in one piece, each row by its own content.

    Args:
        whole: all rows.
        keys: of the rows, [N]; see ``row_keys``.
    """
    cut = partition.sealed_by_content(whole.labels, keys)
    return replace(_divided(replace(whole, seal=BY_CONTENT), cut), rows=sample(np.asarray(keys[cut.taken])))


def _divided(whole: Raw, cut: partition.Cut) -> Source:
    training = replace(whole, values=whole.values[cut.rest], labels=whole.labels[cut.rest], test_size=len(cut.taken))
    test = (whole.values[cut.taken], whole.labels[cut.taken])
    return Source(training, lambda: test)
