"""The losses, one number for each example; what is minimised is their mean over the batch.

Those of numbers are of the standardised target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sweeper.train.quiet import keras, tf

Loss = Callable[[Any, Any], Any]
"""Class numbers [..., B] and outputs [..., B, C] to losses [..., B]."""


def cross_entropy(labels: Any, logits: Any) -> Any:
    """-log softmax(logits) at the label, from the logits, which cannot overflow.

    TensorFlow's function and not Keras': that one looks behind a tensor that its own sigmoid or softmax made, and takes
    what went into that instead (an output nonlinearity would be left out of the loss); and where sizes are left open
    it checks them at each step.
    """
    flat = tf.reshape(logits, (-1, logits.shape[-1]))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.reshape(labels, (-1,)), flat)
    return tf.reshape(losses, tf.shape(labels))


def full_cross_entropy(labels: Any, logits: Any) -> Any:
    """-sum over classes of y log p + (1 - y) log(1 - p), p = softmax(logits): every class is penalised.

    log(1 - p) loses all its digits where p is near 1. Only the largest p can be; there 1 - p is the sum of
    the other p, so its logarithm is taken from their logits. Everywhere else p <= 1/2 and log1p(-p) is exact.
    """
    classes = logits.shape[-1]
    largest = tf.one_hot(tf.argmax(logits, axis=-1), classes, on_value=True, off_value=False, dtype=tf.bool)
    log_p = tf.nn.log_softmax(logits)
    log_rest = tf.reduce_logsumexp(tf.where(largest, tf.fill(tf.shape(logits), -1e30), log_p), axis=-1, keepdims=True)
    log_1_minus_p = tf.where(largest, log_rest, tf.math.log1p(-tf.where(largest, tf.zeros_like(log_p), tf.exp(log_p))))
    truth = tf.one_hot(labels, classes, on_value=True, off_value=False, dtype=tf.bool)
    return -tf.reduce_sum(tf.where(truth, log_p, log_1_minus_p), axis=-1)


def mse(labels: Any, logits: Any) -> Any:
    """Mean over classes of (y - softmax(logits)) squared: on the softmax output, not on the logits."""
    return keras.losses.mean_squared_error(_one_hot(labels, logits), tf.nn.softmax(logits))


def categorical_hinge(labels: Any, logits: Any) -> Any:
    """max(0, 1 + the largest wrong logit - the right one), as Keras defines it (a wrong logit counts as 0 at least)."""
    return keras.losses.categorical_hinge(_one_hot(labels, logits), logits)


def squared_error(numbers: Any, outputs: Any) -> Any:
    """(predicted less true) squared, of one output for each example."""
    return tf.square(outputs[..., 0] - numbers)


def absolute_error(numbers: Any, outputs: Any) -> Any:
    """|predicted less true|."""
    return tf.abs(outputs[..., 0] - numbers)


def huber(numbers: Any, outputs: Any) -> Any:
    """Half the square of errors up to one standard deviation of the target, linear beyond (Huber 1964)."""
    return keras.losses.huber(numbers[..., None], outputs, delta=1.0)


def right(truth: Any, outputs: Any, *, numbers: bool) -> Any:
    """Which answers are right, [R, B]; of numbers the squared errors."""
    if numbers:
        return squared_error(truth, outputs)
    return tf.equal(tf.argmax(outputs, axis=-1, output_type=tf.int32), truth)


def _one_hot(labels: Any, logits: Any) -> Any:
    return tf.one_hot(labels, logits.shape[-1], dtype=logits.dtype)


LOSSES: dict[str, Loss] = {f.__name__: f for f in (cross_entropy, full_cross_entropy, mse, categorical_hinge)}
"""The losses of classes, by the name that the configuration calls them."""

OF_NUMBERS: dict[str, Loss] = {"mse": squared_error, "mae": absolute_error, "huber": huber}
"""Those of numbers, likewise."""
