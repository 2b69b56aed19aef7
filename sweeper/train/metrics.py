"""The further metrics (``config.metrics``), by scikit-learn's definitions and NumPy alone.

A worker does not import scikit-learn, which takes 1.5 s and 100 MB; a test holds every definition against its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sweeper.data.split import Labels, Numbers

Floats = npt.NDArray[np.float64]

BINS = 15
"""Bins of the calibration error: equal widths, as Guo et al. (2017) have it."""


@dataclass(frozen=True)
class Classified:
    """What one member says of examples with classes.

    Attributes:
        outputs: [N, C], before softmax.
        labels: [N], class numbers.
    """

    outputs: npt.NDArray[np.float32]
    labels: Labels

    @cached_property
    def predictions(self) -> Labels:
        """The class with the largest output, [N]."""
        return np.asarray(self.outputs.argmax(axis=1), np.int64)

    @cached_property
    def probabilities(self) -> Floats:
        """Softmax of the outputs, [N, C], in 64 bits."""
        shifted = self.outputs.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        np.exp(shifted, out=shifted)
        shifted /= shifted.sum(axis=1, keepdims=True)
        return shifted

    @cached_property
    def counts(self) -> tuple[tuple[int, int, int], ...]:
        """Examples of each class, how often it is predicted, and how often rightly."""
        classes = self.outputs.shape[1]
        right = self.labels[self.predictions == self.labels]
        parts = (np.bincount(each, minlength=classes) for each in (self.labels, self.predictions, right))
        return tuple((int(a), int(b), int(c)) for a, b, c in zip(*parts, strict=True))


@dataclass(frozen=True)
class Predicted:
    """What one member says of examples with numbers; both [N], in the target's unit."""

    predictions: Numbers
    numbers: Numbers

    @cached_property
    def errors(self) -> Floats:
        """Predicted less true, [N]."""
        return self.predictions - self.numbers


def balanced_accuracy(seen: Classified) -> float:
    """The mean of the recalls of the classes that have examples."""
    return float(np.mean([right / examples for examples, _, right in seen.counts if examples]))


def f1_macro(seen: Classified) -> float:
    """The mean F1 of the classes that have examples or are predicted."""
    return float(np.mean([2 * right / (n + taken) for n, taken, right in seen.counts if n + taken]))


def auc(seen: Classified) -> float:
    """Area under the ROC curve; of several classes the mean, each that has examples against all others.

    NaN where all examples are of one class.
    """
    counts = np.bincount(seen.labels, minlength=seen.outputs.shape[1])
    if (counts > 0).sum() < 2:
        return float("nan")
    classes = [1] if len(counts) == 2 else np.flatnonzero(counts)
    return float(np.mean([_area(seen.probabilities[:, c], seen.labels == c) for c in classes]))


def log_loss(seen: Classified) -> float:
    """The mean of -log of the probability of the right class, which counts as no less than 2.2e-16."""
    right = seen.probabilities[np.arange(len(seen.labels)), seen.labels]
    tiny = np.finfo(np.float64).eps
    return float(-np.log(np.clip(right, tiny, 1 - tiny)).mean())


def calibration(seen: Classified) -> float:
    """Expected calibration error: how far the largest probability is from the share of right answers.

    The mean over 15 bins of equal width, each by its number of examples (Naeini et al. 2015; Guo et al. 2017). A
    probability on the border of two bins is in the lower one, as in scikit-learn's ``calibration_curve``.
    """
    surest = seen.probabilities.max(axis=1)
    right = seen.predictions == seen.labels
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], surest)
    gaps = np.bincount(bins, weights=right - surest, minlength=BINS)
    return float(np.abs(gaps).sum() / len(surest))


def rmse(seen: Predicted) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean(seen.errors**2)))


def mae(seen: Predicted) -> float:
    """The mean absolute error."""
    return float(np.abs(seen.errors).mean())


def r2(seen: Predicted) -> float:
    """1 less the squared errors' sum over that of the target about its mean; 0 where the target is constant.

    A constant target that is met exactly has 1.
    """
    spread = float(((seen.numbers - seen.numbers.mean()) ** 2).sum())
    lost = float((seen.errors**2).sum())
    if spread == 0:
        return float(lost == 0)
    return 1.0 - lost / spread


OF_CLASSES: dict[str, Callable[[Classified], float]] = {
    f.__name__: f for f in (balanced_accuracy, f1_macro, auc, log_loss, calibration)
}
OF_NUMBERS: dict[str, Callable[[Predicted], float]] = {f.__name__: f for f in (rmse, mae, r2)}
"""Each by its name in ``config.metrics``."""


def scored(seen: Classified | Predicted, names: Iterable[str]) -> dict[str, float]:
    """The metrics of these names that the task has."""
    if isinstance(seen, Predicted):
        return {name: OF_NUMBERS[name](seen) for name in names if name in OF_NUMBERS}
    return {name: OF_CLASSES[name](seen) for name in names if name in OF_CLASSES}


def _area(scores: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """The chance that a positive example has a higher score than a negative one, ties counted half (Mann, Whitney)."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    ranks = np.repeat(starts + (sizes + 1) / 2, sizes)
    many = int(positive.sum())
    others = len(scores) - many
    return float((ranks[positive[order]].sum() - many * (many + 1) / 2) / (many * others))
