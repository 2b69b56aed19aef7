"""What one step computes, of the weights that it is given: for XLA's programs as for graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sweeper.train import dropout, optimizers
from sweeper.train.activations import Activate
from sweeper.train.losses import LOSSES, OF_NUMBERS, right
from sweeper.train.network import Drop, arrays, forward, sizes
from sweeper.train.quiet import tf
from sweeper.train.shape import Shape


class Computation:
    """The calculations of a shape.

    Its widths, members and batch may be left open (``Shape.any_size``): then they are those of what it is given.

    Args:
        shape: of the program or graph.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._layers = shape.layers
        self._arrays = arrays(shape.layers, shape.blank)
        self._loss = (OF_NUMBERS if shape.numbers else LOSSES)[shape.loss]

    def outputs(self, weights: Sequence[Any], inputs: Any, apply: Activate, drop: Drop | None = None) -> Any:
        """See ``network.forward``."""
        return forward(weights, self._layers, inputs, apply, drop)

    def batch(self, features: Any, labels: Any, top: Any, rows: Any, members: Any) -> tuple[Any, Any]:
        """Inputs [B, F], without those that are blank, and class numbers [R, B] of one step."""
        if not self._shape.whole:
            features, labels = tf.gather(features, rows), tf.gather(labels, rows)
        elif self._shape.batch:
            features = tf.ensure_shape(features, (self._shape.batch, features.shape[1]))
        truth = tf.broadcast_to(labels, (members, self._shape.batch or tf.shape(labels)[0]))
        return self.floats(features, top), truth

    def gradients(
        self, weights: Sequence[Any], inputs: Any, truth: Any, apply: Activate, drop: Drop | None,
        penalties: tuple[Any, Any | None], of_classes: Any,
    ) -> tuple[Any, Any, list[Any]]:  # fmt: skip
        """Losses [R], which answers were right [R, B], and the gradient of each of the weights.

        Args:
            weights: as ``Network.variables`` has them.
            inputs: see ``batch``.
            truth: likewise.
            apply: applies the activations.
            drop: drops units.
            penalties: L2 and L1, [R] each; None for an L1 that is 0 throughout.
            of_classes: what each class counts in the loss, [R, C].
        """
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs = self.outputs(weights, inputs, apply, drop)
            each = self._loss(truth, outputs)
            loss = counted = tf.reduce_mean(each, axis=1)
            if self._shape.weighted:
                counted = tf.reduce_mean(each * tf.gather(of_classes, truth, batch_dims=1), 1)
        # Of a vector the tape gives the gradient of its sum; members share no weight, so each gets its own.
        gradients = [*tape.gradient(counted, weights, unconnected_gradients="zero")]
        for number in range(len(weights) - self._layers) if self._shape.penalty else ():
            gradients[number] += _penalty_gradient(weights[number], *penalties)
        if self._shape.optimizer.clipnorm:
            gradients = optimizers.clip(gradients, self._shape.optimizer.clipnorm, self._arrays)
        return loss, right(truth, outputs, numbers=self._shape.numbers), gradients

    def drop(self, keys: Any, thresholds: Any, scales: Any) -> Drop | None:
        """What drops units in a step; None where no member drops any."""
        shape = self._shape
        if not shape.dropout and shape.input_dropout == "none":
            return None

        def drop(layer: int, values: Any) -> Any:
            if not (shape.dropout if layer else shape.input_dropout != "none"):
                return values
            shared = layer == 0 and shape.input_dropout == "shared"
            return dropout.drop(values, keys[layer], thresholds[layer], scales[layer], shared=shared)

        return drop

    def verdict(self, weights: Sequence[Any], inputs: Any, labels: Any, apply: Activate) -> tuple[Any, Any]:
        """The sum of the losses over some examples [R], and which answers are right [R, B]."""
        outputs = self.outputs(weights, inputs, apply)
        truth = tf.broadcast_to(labels, sizes(outputs)[:2])
        return tf.reduce_sum(self._loss(truth, outputs), axis=1), right(truth, outputs, numbers=self._shape.numbers)

    def floats(self, features: Any, top: Any) -> Any:
        """Features as the network takes them."""
        return tf.cast(features, tf.float32) / top if self._shape.packed else features


def _penalty_gradient(kernel: Any, l2: Any, l1: Any | None) -> Any:
    """The gradient of l2 * sum(w squared) + l1 * sum(|w|), as Keras' regularizers define them."""
    ridge = 2.0 * l2[:, None, None] * kernel
    return ridge if l1 is None else ridge + l1[:, None, None] * tf.sign(kernel)
