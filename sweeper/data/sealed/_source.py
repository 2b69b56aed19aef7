"""What a data set is read through: its training part, and a way to its test part that only ``evaluate`` takes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sweeper.data import partition, row_keys
from sweeper.data.encode import Values
from sweeper.data.mapped import Mapped
from sweeper.data.raw import BY_CONTENT, BY_DIGEST, BY_TIME, Apart, Raw, rows_of
from sweeper.data.row_keys import Keys
from sweeper.data.row_sample import sample
from sweeper.data.split import Labels, Numbers

Part = tuple[Values | Mapped, Labels | Numbers]


@dataclass(frozen=True)
class Source:
    """Training rows, in memory or where they are in their file; test rows behind a call.

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
    with whole.naming_classes():
        cut = partition.sealed(whole.labels, whole.digest)
    return _divided(replace(whole, seal=BY_DIGEST), cut)


def by_time(whole: Raw, apart: Apart) -> Source:
    """Seal the latest fifth of a table whose rows have an order in time; `apart` as of ``by_content``."""
    assert whole.moments is not None
    with whole.naming_classes():
        cut = partition.latest(whole.moments, whole.labels, partition.SEALED_SHARE, "validation.time")
    keys = row_keys.of_columns(apart.columns)
    return replace(_divided(replace(whole, seal=BY_TIME), cut, apart), rows=sample(np.asarray(keys[cut.taken])))


def by_content(whole: Raw, keys: Keys, *, together: bool = False, apart: Apart | None = None) -> Source:
    """Seal a fifth of a set in one piece, each row by its own content.

    Args:
        whole: all rows.
        keys: of the rows, [N]; see ``row_keys``.
        together: whether rows of one key must stay together, however many they are.
        apart: the values of all rows, where they have not been put together; `whole` has none then.
    """
    with whole.naming_classes():
        cut = partition.sealed_by_content(whole.labels, keys, together=together)
    taken = np.asarray(keys[cut.taken])
    return replace(_divided(replace(whole, seal=BY_CONTENT, sealed=digest_of(taken)), cut, apart), rows=sample(taken))


def digest_of(keys: Keys, labels: Labels | Numbers | None = None) -> str:
    """Which rows these are, in any order.

    Args:
        keys: of the rows, [M].
        labels: [M], where they are part of what the rows are.
    """
    rows = np.stack([keys] if labels is None else [keys, labels.astype(np.float64).view(np.uint64)])
    return hashlib.sha256(np.ascontiguousarray(rows[:, np.lexsort(rows)]).tobytes()).hexdigest()[:16]


def _divided(whole: Raw, cut: partition.Cut, apart: Apart | None = None) -> Source:
    rest = cut.rest
    values, sealed = (
        rows_of(whole.values, places) if apart is None else apart.rows(places) for places in (rest, cut.taken)
    )
    training = replace(
        whole,
        values=values,
        labels=whole.labels[rest],
        test_size=len(cut.taken),
        groups=None if whole.groups is None else whole.groups[rest],
        moments=None if whole.moments is None else whole.moments[rest],
        numbers=None if whole.numbers is None else whole.numbers[rest],
    )
    test = (sealed, whole.truth[cut.taken])
    return Source(training, lambda: test)
