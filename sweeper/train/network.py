"""R networks of one shape as one: every layer holds the weights of all members, member first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Init
from sweeper.train.activations import Activate
from sweeper.train.quiet import keras, tf

Array = npt.NDArray[np.float32]
Columns = npt.NDArray[np.intp]
Drop = Callable[[int, Any], Any]
"""Drops units from the input of layer number n, [B, F] or [R, B, I]."""


class Members(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """What a dense layer of R members sums up, with kernels [R, J, I] and bias [R, 1, J].

    Inputs that all members share, [B, I], meet all kernels in one wide product with R * J columns. The
    kernels lie the other way round than Dense's because then their gradient, the largest product of a step, is
    the fastest of the four possible ones (by a third for J = 50). One shape for everything lets one
    learning rate a member, [R, 1, 1], broadcast over every array.

    Args:
        members: R.
        below: I.
        above: J.
        blank: features that are 0 in every example: their weights, a kernel of its own, see penalties alone.
    """

    def __init__(self, members: int, below: int, above: int, blank: int = 0) -> None:
        super().__init__(name="members")
        self.kernels = [
            self.add_weight(shape=(members, above, width), initializer="zeros", name="kernel")
            for width in (below, blank)
            if width
        ]
        self.bias = self.add_weight(shape=(members, 1, above), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """[B, I] or [R, B, I] to [R, B, J]."""
        return _product(inputs, self.kernels[0]) + self.bias


class Network:
    """Dense layers with a leading axis of members.

    Args:
        widths: F, the units of each layer, C.
        members: R.
        blank: of F, the last so many features are 0 in every example, and left out of the inputs.
    """

    def __init__(self, widths: Sequence[int], members: int, blank: int = 0) -> None:
        self.layers = [
            Members(members, below, above, 0 if number else blank)
            for number, (below, above) in enumerate(pairwise((widths[0] - blank, *widths[1:])))
        ]
        self.kernels = [kernel for layer in self.layers for kernel in layer.kernels]
        self.variables = [*self.kernels, *(layer.bias for layer in self.layers)]
        # Which of the variables are parts of one array, as Keras has them.
        self.arrays = [n for n, layer in enumerate(self.layers) for _ in layer.kernels]
        self.arrays += range(len(self.layers), 2 * len(self.layers))

    @property
    def parameters(self) -> int:
        """Trainable parameters of one member."""
        return sum(int(np.prod(variable.shape[1:])) for variable in self.variables)

    @property
    def sound(self) -> Any:
        """Which members have finite weights alone, [R]: ReLU may turn a NaN into a 0."""
        finite = [tf.reduce_all(tf.math.is_finite(v.value), axis=(1, 2)) for v in self.variables]
        return tf.reduce_all(tf.stack(finite), axis=0)

    def __call__(self, inputs: Any, activate: Activate, drop: Drop | None = None) -> Any:
        """Inputs to outputs [R, B, C].

        Args:
            inputs: [B, F], or [R, B, F] where each member has its own, without the blank features.
            activate: applies the activations.
            drop: drops units.
        """
        values = inputs
        for number, layer in enumerate(self.layers):
            values = activate(number, layer(values if drop is None else drop(number, values)))
        return values

    def member(self, number: int, columns: Columns) -> list[Array]:
        """Weights of one member as Keras' Dense lays them: kernel [I, J] and bias [J] of each layer in turn."""
        kernels = [
            np.concatenate([kernel.value[number].numpy() for kernel in layer.kernels], axis=1).T
            for layer in self.layers
        ]
        first = np.empty_like(kernels[0])
        first[columns] = kernels[0]
        biases = [layer.bias.value[number, 0].numpy() for layer in self.layers]
        return [part for layer in zip([first, *kernels[1:]], biases, strict=True) for part in layer]

    @staticmethod
    def stack(members: Sequence[Sequence[Array]], columns: Columns, blank: int = 0) -> list[Array]:
        """Values for ``variables`` out of each member's weights, as ``member`` gives them."""
        arrays = [np.stack(parts) for parts in zip(*members, strict=True)]
        first, *kernels = [kernel.transpose(0, 2, 1) for kernel in arrays[::2]]
        seen = len(columns) - blank
        parts = [first[..., columns[:seen]], *([first[..., columns[seen:]]] if blank else [])]
        return [*map(np.ascontiguousarray, (*parts, *kernels)), *(bias[:, None] for bias in arrays[1::2])]


def _product(inputs: Any, kernel: Any) -> Any:
    """[B, I] or [R, B, I], and [R, J, I], to [R, B, J]."""
    if len(inputs.shape) == 3:
        return tf.matmul(inputs, kernel, transpose_b=True)
    members, above, below = kernel.shape
    product = tf.matmul(inputs, tf.reshape(kernel, (-1, below)), transpose_b=True)
    return tf.transpose(tf.reshape(product, (-1, members, above)), (1, 0, 2))


def initial_weights(init: Init, widths: Sequence[int], seed: int) -> list[Array]:
    """A member's first weights, kernel [I, J] and bias [J] of each layer, from its seed and nothing else."""
    weights: list[Array] = []
    for number, (below, above) in enumerate(pairwise(widths)):
        (layer_seed,) = np.random.SeedSequence([seed, number]).generate_state(1) >> 1
        weights.append(np.asarray(_initializer(init, int(layer_seed))((below, above))))
        weights.append(np.full(above, init.bias, np.float32))
    return weights


def _initializer(init: Init, seed: int) -> Any:
    scaled: dict[str, Callable[[], Any]] = {
        "truncated_normal": lambda: keras.initializers.TruncatedNormal(0.0, init.stddev, seed=seed),
        "normal": lambda: keras.initializers.RandomNormal(0.0, init.stddev, seed=seed),
        "uniform": lambda: keras.initializers.RandomUniform(-init.stddev, init.stddev, seed=seed),
        "zeros": keras.initializers.Zeros,
    }
    make = scaled.get(init.name)
    return make() if make else keras.initializers.get({"class_name": init.name, "config": {"seed": seed}})
