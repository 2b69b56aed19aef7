"""From a source's training rows to a Split: validation is cut off, then features are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sweeper.config.schema import Dataset, Validation
from sweeper.data import sealed
from sweeper.data.division import Division, divide
from sweeper.data.encode import Values
from sweeper.data.holding import placed
from sweeper.data.mapped import Mapped
from sweeper.data.preprocessing import as_text, document
from sweeper.data.raw import Raw
from sweeper.data.split import Split
from sweeper.data.table_values import rows_of
from sweeper.errors import InputError


def load(dataset: Dataset, validation: Validation, digest: str = "") -> Split:
    """Training and validation examples of a data set; the test part is not among them.

    They are in memory, or in their file where that is asked for or they are large (see ``holding``).

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
    rows = parts.train_rows(raw)
    made = _split(raw, parts, rows)
    described = as_text(document(raw, rows, parts.transform, dataset))
    folds = tuple(_split(raw, fold, fold.train_rows(raw)) for fold in parts.folds)
    return placed(replace(made, preprocessing=described, folds=folds), dataset.hold)


def _split(raw: Raw, parts: Division, rows: Values | Mapped) -> Split:
    train, top = raw.encoding.hold(rows, parts.transform)
    validated, _ = raw.encoding.hold(rows_of(raw.values, parts.validation), parts.transform)
    return Split(
        name=raw.name,
        digest=raw.digest,
        train_held=train,
        train_labels=raw.truth[parts.train],
        validation_held=validated,
        validation_labels=raw.truth[parts.validation],
        classes=raw.classes,
        shape=raw.shape or train.shape[1:],
        test_size=raw.test_size,
        notes=(*raw.notes, *parts.notes),
        top=top,
        seal=raw.seal,
        sealed=raw.sealed,
        earlier=raw.earlier,
        file=raw.file,
        typed=raw.typed,
        columns=raw.columns,
        target=raw.target_of(parts.train),
    )


def preprocessing(dataset: Dataset, validation: Validation, digest: str) -> dict[str, Any]:
    """The preprocessing of a recorded training, fitted again to the same rows (see ``preprocessing.document``).

    Args:
        dataset: of the run.
        validation: of the run.
        digest: of the data that it was trained on.

    Raises:
        InputError: the data are not there, are others, or their reading is not kept.
    """
    meant = sealed.meant(dataset, digest)
    raw = sealed.training(meant, digest, validation)
    if raw.digest != digest:
        raise InputError(f"the data have the digest {raw.digest[:12]}, and it was trained on {digest[:12]}")
    parts = divide(raw, meant, validation)
    found = document(raw, parts.train_rows(raw), parts.transform, meant)
    if not found:
        raise InputError("its table was read by the rule of the first version, of which too little is kept")
    return found
