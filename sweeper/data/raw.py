"""Training data as they come from a source: not yet divided, not yet scaled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.data.encode import Encoding, Values
from sweeper.data.split import Labels


@dataclass(frozen=True)
class Raw:
    """Rows of a source, in its order.

    Attributes:
        name: of the data set that was really read.
        digest: SHA-256 of the source; see ``catalog.Known.digest`` and ``digest`` below.
        values: [N, K], as stored.
        labels: [N], class numbers from 0.
        classes: their names, [C].
        shape: of one example; () for a table, whose features are known when its encoding is fitted.
        encoding: how values become features.
        test_size: examples in the sealed part, which are not here.
        notes: lines that a person must see.
    """

    name: str
    digest: str
    values: Values
    labels: Labels
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    encoding: Encoding
    test_size: int
    notes: tuple[str, ...] = ()


def digest(values: npt.NDArray[np.generic], labels: npt.NDArray[np.generic]) -> str:
    """SHA-256 over the bytes of the values, row by row, and then of the labels, in hexadecimal.

    Neither shape nor container counts: MNIST has one digest as IDX files and as an archive.
    """
    state = hashlib.sha256(np.ascontiguousarray(values).data)
    state.update(np.ascontiguousarray(labels).data)
    return state.hexdigest()
