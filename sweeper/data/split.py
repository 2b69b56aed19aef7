"""What the loader returns: training and validation examples, and nothing of the test split."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.data import SEALED
from sweeper.data.columns import Column
from sweeper.data.mapped import InFile

Examples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Released:
    """Features of which only the shape, [N, F], is left; to use them as an array is an error."""

    shape: tuple[int, int]


Held = Examples | npt.NDArray[np.uint8] | InFile
Features = Examples | InFile
"""What a model is shown: an array [N, F], or one that stays in its file and gives the rows that it is asked for."""
Labels = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

_NAMED = 100
"""Classes whose counts are kept with every record; of more, only the largest."""


@dataclass(frozen=True)
class Target:
    """The numbers that a regression predicts, in whatever unit their column has.

    A network learns (value - mean) / scale; everything that people see is brought back to the column's unit.

    Attributes:
        name: of the column.
        mean: of the training part.
        scale: standard deviation of the training part; 1 where all its values are equal.
    """

    name: str
    mean: float
    scale: float

    @classmethod
    def of(cls, name: str, numbers: Numbers) -> Target:
        """That of the training part's numbers, [N]."""
        return cls(name, float(numbers.mean()), float(numbers.std()) or 1.0)

    def standardised(self, numbers: Numbers) -> Examples:
        """What a network is to learn, [N]."""
        return np.asarray((numbers - self.mean) / self.scale, np.float32)

    def restored(self, outputs: npt.NDArray[np.floating]) -> Numbers:
        """What a network has said, in the column's unit."""
        return np.asarray(outputs, np.float64) * self.scale + self.mean


@dataclass(frozen=True)
class Split:
    """Training and validation examples, in memory or in their file.

    Attributes:
        name: of the data set that was really loaded (``mnist_5k`` where the full set is not to be had).
        digest: SHA-256 of the raw training data; a study is bound to it.
        train_held: [N, F] features; bytes where they count `top`-ths, which take a quarter of the memory.
            Those that stay in their file are made of what it holds whenever some are needed.
        train_labels: [N] class numbers from 0; of a regression the numbers themselves, in their own unit.
        validation_held: [M, F].
        validation_labels: [M].
        classes: names of the classes, [C]; none of a regression.
        shape: of one example before flattening, such as (28, 28).
        test_size: examples in the sealed part, which are not here.
        notes: lines that a person must see (a fallback, say).
        top: what bytes are divided by; 0 where features are held as they are.
        seal: the rule by which the test part was sealed; see ``raw.SEALS``.
        sealed: as in ``Raw``.
        earlier: digests that the same data had by earlier rules.
        file: where the file of the data lies, absolute; "" for a set of the catalog.
        typed: where it was said to lie.
        preprocessing: how features were made, as JSON (``preprocessing.document``); "" where that is not known.
        columns: of a table, what each is taken for.
        folds: the same examples divided in several ways, each with its own features; this split itself then has all of
            them in both parts.
        target: of a regression, the numbers that are predicted; None where there are classes.
        in_file: whether features stay in their file.
    """

    name: str
    digest: str
    train_held: Held | Released
    train_labels: Labels | Numbers
    validation_held: Held | Released
    validation_labels: Labels | Numbers
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    test_size: int
    notes: tuple[str, ...] = ()
    top: float = 0.0
    seal: str = ""
    sealed: str = ""
    earlier: tuple[str, ...] = ()
    file: str = ""
    typed: str = ""
    preprocessing: str = ""
    columns: tuple[Column, ...] = ()
    folds: tuple[Split, ...] = ()
    target: Target | None = None
    in_file: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What plans and records keep: ``name``, ``digest``, ``sizes``, ``seal``; of a file ``path`` and ``file``.

        Where features stay in their file, ``held`` is "file". Of a table whose rows are sealed by their content
        ``sealed``. Of classes ``classes``: the ``largest`` with its ``share`` of the validation examples, and, of no
        more than 100, ``rows``: of each in training and in validation. Of a regression ``task``, and ``target``:
        ``name``, ``mean``, ``scale`` (see ``Target``) and ``spread``, the standard deviation of the validation
        examples.
        """
        place = {"path": self.typed, "file": self.file} if self.file else {}
        which = {SEALED: self.sealed} if self.sealed else {}
        folds = {"folds": len(self.folds)} if self.folds else {}
        held = {"held": "file"} if self.in_file else {}
        known = {"name": self.name, "digest": self.digest, "sizes": self.sizes, "seal": self.seal}
        return known | which | folds | held | place | self._of_target

    @cached_property
    def _of_target(self) -> dict[str, Any]:
        if self.target is not None:
            spread = float(np.std(self.validation_labels))
            return {"task": "regression", "target": asdict(self.target) | {"spread": spread}}
        count = len(self.classes)
        train, judged = (
            np.bincount(labels.astype(np.int64), minlength=count)
            for labels in (self.train_labels, self.validation_labels)
        )
        largest = int(judged.argmax())
        found: dict[str, Any] = {
            "count": count,
            "largest": self.classes[largest],
            "share": float(judged[largest] / judged.sum()),
        }
        if count <= _NAMED:
            rows = zip(self.classes, train, judged, strict=True)
            found["rows"] = {name: [int(trained), int(seen)] for name, trained, seen in rows}
        return {"classes": found}

    @cached_property
    def train(self) -> Examples:
        """[N, F] features, 0 to 1 for images; made of the bytes when they are first looked at."""
        return self._floats(self.held[0])

    def some(self, rows: slice | npt.NDArray[np.int64]) -> Examples:
        """The features of some training examples, 0 to 1 for images."""
        return self._floats(self.held[0][rows])

    @cached_property
    def validation(self) -> Examples:
        """[M, F]."""
        return self._floats(self.held[1])

    @property
    def features(self) -> int:
        """F."""
        return int(self.train_held.shape[1])

    @property
    def outputs(self) -> int:
        """What a network has to say of each example: a number for each class, or one in all."""
        return len(self.classes) or 1

    @property
    def held(self) -> tuple[Held, Held]:
        """Features of training and validation, as they are held.

        Raises:
            TypeError: they were released.
        """
        if isinstance(self.train_held, Released) or isinstance(self.validation_held, Released):
            raise TypeError("these examples were released")
        return self.train_held, self.validation_held

    @property
    def released(self) -> bool:
        """Whether ``release`` was called."""
        return isinstance(self.train_held, Released)

    def release(self) -> None:
        """Hold the features no longer: somebody else has them in another form."""
        for name in ("train", "validation"):
            object.__setattr__(self, f"{name}_held", Released(getattr(self, f"{name}_held").shape))
            self.__dict__.pop(name, None)

    def joined(self) -> Split:
        """To train on everything that is not sealed: the validation examples are among those of training, too.

        Their score then says nothing but how well they were learnt.
        """
        if self.folds:
            return replace(self, folds=())
        return replace(
            self,
            train_held=_joined(*self.held),
            train_labels=np.concatenate([self.train_labels, self.validation_labels]),
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Examples in each part; of the test split only its size is known here.

        With folds, ``train`` is that of the fold with fewest, ``validation`` those of all folds together.
        """
        parts = self.folds or (self,)
        train, validation = ([len(labels) for labels in each] for each in zip(*map(_labels, parts), strict=True))
        return {"train": min(train), "validation": sum(validation), "test": self.test_size}

    def _floats(self, held: Held) -> Examples:
        if isinstance(held, InFile):
            raise TypeError("these examples stay in their file: ask for some")
        return scaled(held, self.top) if self.top else np.asarray(held, np.float32)


def _joined(train: Held, validation: Held) -> Held:
    if isinstance(train, InFile) and isinstance(validation, InFile):
        return train.joined(validation)
    return np.concatenate([np.asarray(train), np.asarray(validation)])


def _labels(split: Split) -> tuple[Labels | Numbers, Labels | Numbers]:
    return split.train_labels, split.validation_labels


def scaled(values: Examples | npt.NDArray[np.uint8] | npt.NDArray[np.float64], top: float) -> Examples:
    """Values divided by `top`: pixels become 0 to 1."""
    return np.divide(values, np.float32(top), dtype=np.float32)
