"""R networks of one shape as one: every layer holds the weights of all members, member first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Init
from sweeper.train.quiet import keras, tf

Array = npt.NDArray[np.float32]
Drop = Callable[[int, Any], Any]
"""Drops units from the input of layer number n, [B, F] or [R, B, I]."""


class Members(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A dense layer with the weights of R members, kernel [R, J, I] and bias [R, 1, J].

    Inputs that all members share, [B, I], meet all kernels in one wide product with R * J columns. The
    kernels lie the other way round than Dense's because then their gradient, the largest product of a step, is
    the fastest of the four possible ones (by a third for J = 50). One shape for everything lets one
    learning rate a member, [R, 1, 1], broadcast over every array.
    """

    def __init__(self, members: int, below: int, above: int, activation: str) -> None:
        super().__init__(name="members")
        self.kernel = self.add_weight(shape=(members, above, below), initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(members, 1, above), initializer="zeros", name="bias")
        self.activation = keras.activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """[B, I] or [R, B, I] to [R, B, J]."""
        product = self._wide(inputs) if len(inputs.shape) == 2 else tf.matmul(inputs, self.kernel, transpose_b=True)
        return self.activation(product + self.bias)

    def _wide(self, inputs: Any) -> Any:
        members, above, below = self.kernel.shape
        product = tf.matmul(inputs, tf.reshape(self.kernel, (-1, below)), transpose_b=True)
        return tf.transpose(tf.reshape(product, (-1, members, above)), (1, 0, 2))


class Network:
    """Dense layers with a leading axis of members.

    Args:
        widths: F, the units of each layer, C.
        activations: of each layer, the last one's included.
        members: R.
    """

    def __init__(self, widths: Sequence[int], activations: Sequence[str], members: int) -> None:
        self.layers = [
            Members(members, below, above, activation)
            for (below, above), activation in zip(pairwise(widths), activations, strict=True)
        ]
        self.kernels = [layer.kernel for layer in self.layers]
        self.variables = [*self.kernels, *(layer.bias for layer in self.layers)]

    def __call__(self, inputs: Any, drop: Drop | None = None) -> Any:
        """Inputs [B, F], or [R, B, F] where each member has its own, to outputs [R, B, C]."""
        values = inputs
        for number, layer in enumerate(self.layers):
            values = layer(values if drop is None else drop(number, values))
        return values

    def member(self, number: int) -> list[Array]:
        """Weights of one member as Keras' Dense lays them: kernel [I, J] and bias [J] of each layer in turn."""
        return [
            part
            for layer in self.layers
            for part in (layer.kernel.value[number].numpy().T, layer.bias.value[number, 0].numpy())
        ]

    @staticmethod
    def stack(members: Sequence[Sequence[Array]]) -> list[Array]:
        """Values for ``variables`` out of each member's weights, as ``member`` gives them."""
        arrays = [np.stack(parts) for parts in zip(*members, strict=True)]
        kernels = [np.ascontiguousarray(kernel.transpose(0, 2, 1)) for kernel in arrays[::2]]
        return [*kernels, *(bias[:, None] for bias in arrays[1::2])]


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
