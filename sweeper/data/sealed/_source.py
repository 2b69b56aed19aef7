"""What a data set is read through: its training part, and a way to its test part that only ``evaluate`` takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sweeper.data import partition
from sweeper.data.encode import Values
from sweeper.data.raw import Raw
from sweeper.data.split import Labels

Part = tuple[Values, Labels]


@dataclass(frozen=True)
class Source:
    """Training rows in memory; test rows behind a call."""

    training: Raw
    test: Callable[[], Part]


def in_one_piece(whole: Raw) -> Source:
    """Seal a fifth of a set that comes without a test part of its own."""
    cut = partition.sealed(whole.labels, whole.digest)
    training = replace(whole, values=whole.values[cut.rest], labels=whole.labels[cut.rest], test_size=len(cut.taken))
    test = (whole.values[cut.taken], whole.labels[cut.taken])
    return Source(training, lambda: test)
