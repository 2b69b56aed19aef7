"""What models make of labelled examples: which class is taken for which, and the most confident mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.report.facts import Provenance
from sweeper.statistics.crossed import seeds_and_examples
from sweeper.statistics.intervals import Interval

MOST_MISTAKES = 21
"""Pictures of mistakes."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class.

    Attributes:
        name: of the class.
        examples: that it has.
        accuracy: its recall: the share of them that is right.
        interval: of that.
        precision: the share of right answers among all that name it; None where none does, or that was not recorded.
    """

    name: str
    examples: int
    accuracy: float
    interval: Interval
    precision: float | None = None


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The examples that were taken for another class with most confidence.

    Attributes:
        rows: their places in the split.
        captions: ``7 as 1, 99.8%``.
    """

    rows: npt.NDArray[np.int64]
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """An opening of the test split.

    Attributes:
        title: what was tested.
        run: its id.
        opening: which opening of this test split it was, from 1.
        when: it was opened, and `who` asked.
        loss: mean over members.
        accuracy: mean over members.
        interval: of the accuracy that new seeds would have on new examples.
        per_seed: accuracy of each member.
        examples: of the test split.
        classes: each one's own accuracy.
        confusion: counts over all members, true class by predicted class.
        names: of the classes.
        mistakes: a picture (PNG) of the most confident ones; empty where examples are no pictures.
        validation: accuracy on the validation split, for comparison.
        notes: what a reader must know.
        collapses: how many members collapsed: ``seen``, ``runs``, ``share``, ``accuracy_of_the_others``.
        more: further metrics by name, means over members.
        largest: the class with most examples, and `share`: its part of them; empty where that is not known.
    """

    title: str
    run: str
    opening: int
    when: str
    who: str
    loss: float
    accuracy: float
    interval: Interval
    per_seed: Sequence[float]
    examples: int
    classes: Sequence[ClassScore]
    confusion: Sequence[Sequence[int]]
    names: Sequence[str]
    provenance: Provenance
    mistakes: bytes = b""
    captions: Sequence[str] = ()
    validation: float | None = None
    notes: Sequence[str] = field(default_factory=tuple)
    collapses: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, float] = field(default_factory=dict)
    largest: str = ""
    share: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, without the picture."""
        values: Mapping[str, Any] = asdict(self)
        return {name: value for name, value in values.items() if name != "mistakes"}


def confusion(predictions: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.int64]:
    """How often each class was taken for which, over all members: true class by predicted class.

    Args:
        predictions: of each member, [R, N].
        labels: [N].
        classes: C.
    """
    pairs = labels[None, :] * classes + predictions
    return np.bincount(pairs.ravel(), minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def class_scores(
    predictions: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], names: Sequence[str]
) -> list[ClassScore]:
    """Recall and precision of each class that has examples; arguments as of ``confusion``."""
    found = []
    for number in np.unique(labels):
        right = predictions[:, labels == number] == number
        interval = seeds_and_examples(right)
        named = int((predictions == number).sum())
        precision = float(right.sum()) / named if named else None
        found.append(ClassScore(names[number], right.shape[1], float(right.mean()), interval, precision))
    return found


def most_confident(
    probabilities: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], names: Sequence[str]
) -> Mistakes:
    """The mistakes with the largest probability for the wrong class, by the mean over members.

    Args:
        probabilities: of each member, [R, N, C].
        labels: [N].
        names: of the classes.
    """
    mean = probabilities.mean(axis=0)
    taken, certain = mean.argmax(axis=1), mean.max(axis=1)
    wrong = np.flatnonzero(taken != labels)
    rows = wrong[np.argsort(-certain[wrong], kind="stable")][:MOST_MISTAKES]
    captions = tuple(f"{names[labels[row]]} as {names[taken[row]]}, {100 * certain[row]:.1f}%" for row in rows)
    return Mistakes(rows.astype(np.int64), captions)
