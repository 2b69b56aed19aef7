"""What the loader returns: training and validation examples, and nothing of the test split."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Examples = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Training and validation examples, in memory.

    Attributes:
        name: of the data set that was really loaded (``mnist_5k`` where the full set is not to be had).
        digest: SHA-256 of the raw training data; a study is bound to it.
        train: [N, F] features, scaled to 0..1 for images.
        train_labels: [N] class numbers from 0.
        validation: [M, F].
        validation_labels: [M].
        classes: names of the classes, [C].
        shape: of one example before flattening, such as (28, 28).
        notes: lines that a person must see (a fallback, say).
    """

    name: str
    digest: str
    train: Examples
    train_labels: Labels
    validation: Examples
    validation_labels: Labels
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    test_size: int
    notes: tuple[str, ...] = ()

    def joined(self) -> Split:
        """To train on everything that is not sealed: the validation examples are among those of training, too.

        Their score then says nothing but how well they were learnt.
        """
        return replace(
            self,
            train=np.concatenate([self.train, self.validation]),
            train_labels=np.concatenate([self.train_labels, self.validation_labels]),
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Examples in each part; of the test split only its size is known here."""
        return {"train": len(self.train), "validation": len(self.validation), "test": self.test_size}
