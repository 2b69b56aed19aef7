"""From a source's training rows to a Split: validation is cut off, then features are made."""

from __future__ import annotations

from sweeper.config.schema import Dataset, Validation
from sweeper.data import sealed
from sweeper.data.division import divide
from sweeper.data.split import Split


def load(dataset: Dataset, validation: Validation, digest: str = "") -> Split:
    """Training and validation examples of a data set, in memory; the test part is not among them.

    The network is left alone unless SWEEPER_DOWNLOAD=1; ``sweeper data fetch`` downloads.

    Args:
        dataset: which.
        validation: what is held back to choose by.
        digest: of the data that a study or run is bound to: they are read and sealed by the rule of then. Whether it
            is theirs is the caller's to check.

    Raises:
        InputError: no such data set, files damaged or absent, or sizes that the data cannot give.
    """
    raw = sealed.training(dataset, digest, validation)
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
        seal=raw.seal,
        earlier=raw.earlier,
        file=raw.file,
        typed=raw.typed,
    )
