"""Data sets: training and validation examples for everyone, the test split for ``sealed`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.config.schema import Dataset, Validation
    from sweeper.data.split import Split

SEALED = "sealed"
"""Which rows are sealed: in the facts of data and in what a study is bound to (``Raw.sealed``)."""

OWN = "own part"
"""How data are sealed that bring a test part (``data.raw.SEALS``)."""


def load(dataset: Dataset, validation: Validation, digest: str = "") -> Split:
    """Training and validation examples of a data set; see ``loader.load``. NumPy is imported at the first call."""
    from sweeper.data.loader import load as load_split

    return load_split(dataset, validation, digest)
