"""How often intervals over folds hold what they say, with and without the correction for what folds share.

Two classifiers that are equally good on average, linear rules over two halves of the features, are trained on the folds
of many drawn data sets. Their difference is zero in truth, and the accuracy of either is known from many examples. An
interval of 95 % should miss the truth in 5 % of data sets. Run it with ``python benchmarks/folds.py [DATA SETS]``.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from sweeper.data import folds
from sweeper.statistics import Interval, fold_interval, t_interval

SETTINGS = ((100, 5), (300, 5), (1000, 5), (300, 10))
"""Examples, and folds."""
FEATURES = 10
DISTANCE = 0.45

Array = npt.NDArray[np.float64]


def main(sets: int = 2000) -> None:
    """Print the share of missed truths, of each setting."""
    print("examples  folds  of          corrected  uncorrected")
    for examples, count in SETTINGS:
        scores, truths = _drawn(sets, examples, count)
        train = examples - examples // count
        overlap = examples / count / train
        for what, values, truth in (
            ("accuracy", scores[..., 0], float(truths[:, 0].mean())),
            ("difference", scores[..., 0] - scores[..., 1], 0.0),
        ):
            missed = [
                np.mean([not interval.contains(truth) for interval in made])
                for made in ([fold_interval(v, overlap) for v in values], [_plain(v) for v in values])
            ]
            print(f"{examples:8}  {count:5}  {what:10}  {missed[0]:9.1%}  {missed[1]:11.1%}")


def _plain(values: Array) -> Interval:
    return t_interval(values)


def _drawn(sets: int, examples: int, count: int) -> tuple[Array, Array]:
    """Accuracy of both classifiers on each fold, [sets, K, 2], and their true one, [sets, 2]."""
    generator = np.random.default_rng(0)
    far = _examples(generator, 2000)
    scores, truths = np.empty((sets, count, 2)), np.empty((sets, 2))
    for number in range(sets):
        features, labels = _examples(generator, examples)
        true = np.empty((count, 2))
        for fold, cut in enumerate(folds.at_random(labels, None, count, number)):
            for rule in range(2):
                mine = slice(rule * FEATURES, (rule + 1) * FEATURES)
                weights = _fitted(features[cut.rest, mine], labels[cut.rest])
                scores[number, fold, rule] = _accuracy(weights, features[cut.taken, mine], labels[cut.taken])
                true[fold, rule] = _accuracy(weights, far[0][:, mine], far[1]) if number < 300 else np.nan
        truths[number] = true.mean(axis=0)
    return scores, truths[~np.isnan(truths[:, 0])]


def _examples(generator: np.random.Generator, count: int) -> tuple[Array, npt.NDArray[np.int64]]:
    labels = generator.integers(0, 2, count)
    centres = DISTANCE * (labels[:, None] - 0.5)
    return generator.normal(size=(count, 2 * FEATURES)) + centres, labels


def _fitted(features: Array, labels: npt.NDArray[np.int64]) -> Array:
    """A linear rule by least squares, the constant last."""
    design = np.c_[features, np.ones(len(features))]
    return np.asarray(np.linalg.lstsq(design, 2.0 * labels - 1.0, rcond=None)[0])


def _accuracy(weights: Array, features: Array, labels: npt.NDArray[np.int64]) -> float:
    return float(((features @ weights[:-1] + weights[-1] > 0) == labels).mean())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
