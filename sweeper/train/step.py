"""What one step computes, of the weights that it is given: for XLA's programs as for graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.train import dropout, optimizers
from sweeper.train.activations import Activate
from sweeper.train.dropout import counted
from sweeper.train.losses import LOSSES, OF_NUMBERS, right
from sweeper.train.network import Drop, Forward, Wide, arrays, kernels_of, sizes
from sweeper.train.quiet import tf
from sweeper.train.shape import Shape


@dataclass(frozen=True)
class Lasting:
    """What the steps of a training have in common.

    Attributes:
        wide: the shapes of the first layer's product.
        batch: R and B.
        share: of each example in the loss that is minimised, [R, B].
        dropped: for each layer, what decides which units that go into it are dropped (``dropout.factors``): their
            places [B, I], thresholds and scales [R, 1, 1]; None where none is.
        ridge, lasso: of the penalties' gradients, [R, 1, 1]; None for an L1 that is 0 throughout.
        of_classes: what each class counts in the loss, [R, C].
    """

    wide: Wide
    batch: Any
    share: Any
    dropped: Sequence[tuple[Any, Any, Any] | None]
    ridge: Any
    lasso: Any | None
    of_classes: Any


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

    def outputs(self, weights: Sequence[Any], inputs: Any, apply: Activate) -> Any:
        """See ``network.Forward``."""
        return Forward(weights, self._layers, inputs, apply).outputs

    def lasting(
        self, weights: Sequence[Any], thresholds: Any, scales: Any, l2: Any, l1: Any | None, of_classes: Any, rows: Any
    ) -> Lasting:
        """What the steps have in common; for graphs, which compute it each time that they meet it, before their loop.

        Args:
            weights: as ``Network.variables`` has them.
            thresholds: of the noise, [L, R].
            scales: of what is kept, [L, R].
            l2: [R].
            l1: [R]; None where it is 0 throughout.
            of_classes: what each class counts in the loss, [R, C].
            rows: in a batch.
        """
        kernels = kernels_of(weights, self._layers)
        members = sizes(kernels[0])[0]
        dropped = [
            (counted(rows, sizes(kernel)[2]), thresholds[layer][:, None, None], scales[layer][:, None, None])
            if self._drops(layer)
            else None
            for layer, kernel in enumerate(kernels)
        ]
        return Lasting(
            wide=Wide(kernels[0]),
            batch=tf.stack([members, rows]),
            share=tf.fill((members, rows), 1.0 / tf.cast(rows, tf.float32)),
            dropped=dropped,
            ridge=2.0 * l2[:, None, None],
            lasso=None if l1 is None else l1[:, None, None],
            of_classes=of_classes,
        )

    def batch(self, features: Any, labels: Any, top: Any, rows: Any, lasting: Lasting) -> tuple[Any, Any]:
        """Inputs [B, F], without those that are blank, and class numbers [R, B] of one step."""
        if not self._shape.whole:
            features, labels = tf.gather(features, rows), tf.gather(labels, rows)
        elif self._shape.batch:
            features = tf.ensure_shape(features, (self._shape.batch, features.shape[1]))
        return self.floats(features, top), tf.broadcast_to(labels, lasting.batch)

    def gradients(
        self, weights: Sequence[Any], inputs: Any, truth: Any, apply: Activate, keys: Any, lasting: Lasting
    ) -> tuple[Any, Any, list[Any]]:
        """Losses [R], which answers were right [R, B], and the gradient of each of the weights.

        Args:
            weights: as ``Network.variables`` has them.
            inputs: see ``batch``.
            truth: likewise.
            apply: applies the activations.
            keys: of this step's noise, [L].
            lasting: see there.
        """
        passed = Forward(weights, self._layers, inputs, apply, self._drop(keys, lasting), lasting.wide)
        with tf.GradientTape() as tape:
            tape.watch(passed.outputs)
            each = self._loss(truth, passed.outputs)
        share = lasting.share
        if self._shape.weighted:
            share *= tf.gather(lasting.of_classes, truth, batch_dims=1)
        # Members share no weight, so the gradient of the sum of their losses is each one's own.
        gradients = passed.gradients(tape.gradient(each, passed.outputs, output_gradients=share))
        for number in range(len(weights) - self._layers) if self._shape.penalty else ():
            gradients[number] += _penalty_gradient(weights[number], lasting)
        if self._shape.optimizer.clipnorm:
            gradients = optimizers.clip(gradients, self._shape.optimizer.clipnorm, self._arrays)
        return tf.reduce_mean(each, axis=1), right(truth, passed.outputs, numbers=self._shape.numbers), gradients

    def _drop(self, keys: Any, lasting: Lasting) -> Drop:
        """What drops units in a step."""

        def drop(layer: int) -> Any:
            dropped = lasting.dropped[layer]
            if dropped is None:
                return None
            counts, threshold, scale = dropped
            shared = layer == 0 and self._shape.input_dropout == "shared"
            return dropout.factors(counts, keys[layer], threshold, scale, shared=shared)

        return drop

    def _drops(self, layer: int) -> bool:
        """Whether units that go into a layer may be dropped."""
        return self._shape.dropout if layer else self._shape.input_dropout != "none"

    def verdict(self, weights: Sequence[Any], inputs: Any, labels: Any, apply: Activate) -> tuple[Any, Any]:
        """The sum of the losses over some examples [R], and which answers are right [R, B]."""
        outputs = self.outputs(weights, inputs, apply)
        truth = tf.broadcast_to(labels, sizes(outputs)[:2])
        return tf.reduce_sum(self._loss(truth, outputs), axis=1), right(truth, outputs, numbers=self._shape.numbers)

    def floats(self, features: Any, top: Any) -> Any:
        """Features as the network takes them."""
        return tf.cast(features, tf.float32) / top if self._shape.packed else features


def _penalty_gradient(kernel: Any, lasting: Lasting) -> Any:
    """The gradient of l2 * sum(w squared) + l1 * sum(|w|), as Keras' regularizers define them."""
    ridge = lasting.ridge * kernel
    return ridge if lasting.lasso is None else ridge + lasting.lasso * tf.sign(kernel)
