"""From a source's training rows to a Split: validation is cut off, then features are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweeper.config.schema import Dataset, Validation
from sweeper.data import partition, sealed
from sweeper.data.encode import Transform
from sweeper.data.partition import Indices
from sweeper.data.raw import Raw
from sweeper.data.split import Split


@dataclass(frozen=True)
class Division:
    """Which rows are used for what, and the transform that was fitted on those of training."""

    train: Indices
    validation: Indices
    transform: Transform
    notes: tuple[str, ...]


def load(dataset: Dataset, validation: Validation) -> Split:
    """Training and validation examples of a data set, in memory; the test part is not among them.

    The network is left alone unless SWEEPER_DOWNLOAD=1; ``sweeper data fetch`` downloads.

    Raises:
        InputError: no such data set, files damaged or absent, or sizes that the data cannot give.
    """
    raw = sealed.training(dataset)
    parts = divide(raw, dataset, validation)
    train, top = raw.encoding.hold(raw.values[parts.train], parts.transform)
    validated, _ = raw.encoding.hold(raw.values[parts.validation], parts.transform)
    return Split(
        name=raw.name,
        digest=raw.digest,
        train_held=train,
        train_labels=raw.labels[parts.train],
        validation_held=validated,
        validation_labels=raw.labels[parts.validation],
        classes=raw.classes,
        shape=raw.shape or train.shape[1:],
        test_size=raw.test_size,
        notes=(*raw.notes, *parts.notes),
        top=top,
    )


def divide(raw: Raw, dataset: Dataset, validation: Validation) -> Division:
    """Cut validation off, then the training subset that is asked for, and fit the encoding to that.

    Raises:
        InputError: the data cannot give these sizes.
    """
    size, note = partition.validation_size(validation.size, len(raw.labels))
    cut = partition.take(raw.labels, size, validation.seed, "validation", "validation.size")
    train = _subset(raw, cut.rest, dataset.train_size, validation.seed)
    return Division(train, cut.taken, raw.encoding.fit(raw.values[train]), (note,) if note else ())


def _subset(raw: Raw, rows: Indices, size: int, seed: int) -> Indices:
    if size in {0, len(rows)}:
        return rows
    chosen = partition.take(raw.labels[rows], size, seed, "train_size", "dataset.train_size")
    return np.asarray(rows[chosen.taken])
