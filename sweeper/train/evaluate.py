"""What a saved model says about examples that it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.metrics import CLASSIFICATION, REGRESSION, metrics_of
from sweeper.data.split import Features, Numbers, Target
from sweeper.errors import SweeperError
from sweeper.train.losses import LOSSES, OF_NUMBERS
from sweeper.train.metrics import Classified, Predicted, scored
from sweeper.train.quiet import keras, tf

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Judgement:
    """A model against labelled examples.

    Attributes:
        loss: the mean over the examples.
        accuracy: 0 to 1.
        losses: of each example, [N].
        predictions: the class with the largest output, [N].
        probabilities: softmax of the outputs, [N, C].
        more: the further metrics of classes, by name.
    """

    loss: float
    accuracy: float
    losses: Array
    predictions: npt.NDArray[np.int64]
    probabilities: Array
    more: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimated:
    """A model against examples with numbers.

    Attributes:
        loss: the mean over the examples, of the standardised target.
        predictions: in the target's unit, [N].
        more: the metrics of numbers, by name.
    """

    loss: float
    predictions: Numbers
    more: dict[str, float]


def evaluate(path: str | Path, features: Features, labels: npt.NDArray[np.int64], loss: str) -> Judgement:
    """Judge a saved model by the configuration's loss.

    Raises:
        SweeperError: the file is damaged, or is no model for these features.
    """
    found = outputs(path, features)
    losses = LOSSES[loss](tf.constant(labels.astype(np.int32)), tf.constant(found)).numpy()
    seen = Classified(found, labels)
    return Judgement(
        loss=float(losses.mean(dtype=np.float64)),
        accuracy=float((seen.predictions == labels).mean()),
        losses=losses,
        predictions=seen.predictions,
        probabilities=tf.nn.softmax(found).numpy(),
        more=scored(seen, metrics_of(CLASSIFICATION)),
    )


def estimate(path: str | Path, features: Features, numbers: Numbers, loss: str, target: Target) -> Estimated:
    """Judge a saved model of a regression, likewise; numbers are in the target's unit."""
    predictions = outputs(path, features)[:, 0].astype(np.float64)
    truth, said = (target.standardised(each) for each in (numbers, predictions))
    losses = OF_NUMBERS[loss](tf.constant(truth), tf.constant(said[:, None])).numpy()
    more = scored(Predicted(predictions, numbers), metrics_of(REGRESSION))
    return Estimated(float(losses.mean(dtype=np.float64)), predictions, more)


def saved_model(path: str | Path) -> Any:
    """The Keras model of a file, not compiled; nothing in the file runs.

    Raises:
        SweeperError: the file is damaged, or is no model.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = str(error).splitlines()[0]
        raise SweeperError(f"{path} cannot be read as a model: {told}", hint="train it again", key=str(path)) from error


def outputs(path: str | Path, features: Features) -> Array:
    """What a saved model says: logits [N, C]; of a regression the numbers in the target's unit, [N, 1].

    Raises:
        SweeperError: the file is damaged, or is no model for these features.
    """
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        parts = [model(features[start : start + 4096], training=False) for start in range(0, len(features), 4096)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SweeperError(
            f"{path} cannot be used as a model for these examples: {str(error).splitlines()[0]}",
            hint="train it again, or check that it belongs to this data set",
            key=str(path),
        ) from error
    return np.concatenate([np.asarray(part) for part in parts])
