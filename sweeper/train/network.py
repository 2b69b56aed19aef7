"""R networks of one shape as one: every layer holds the weights of all members, member first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Init
from sweeper.train.quiet import keras

Array = npt.NDArray[np.float32]
Drop = Callable[[int, Any], Any]
"""Drops units from the input of layer number n, [B, F] or [R, B, I]."""


class Network:
    """Dense layers with a leading axis of members.

    The first kernel lies [R, J, F]: all members read the same batch, so the layer is one wide matrix product with
    R * J columns; and the gradient of a kernel that lies this way is the fastest of the four possible
    products. The later kernels lie [R, I, J], biases [R, 1, J].

    Args:
        widths: F, the units of each layer, C.
        activations: of each layer, the last one's included.
        members: R.
        shared_input: all members see the same inputs [B, F]; otherwise each has its own, [R, B, F].
    """

    def __init__(self, widths: Sequence[int], activations: Sequence[str], members: int, *, shared_input: bool) -> None:
        first = "bi,rji->rbj" if shared_input else "rbi,rji->rbj"
        equations = [first, *["rbi,rij->rbj"] * (len(widths) - 2)]
        self.layers = [
            _layer(equation, members, below, above, activation)
            for equation, (below, above), activation in zip(equations, pairwise(widths), activations, strict=True)
        ]
        self.kernels = [layer.kernel for layer in self.layers]
        self.variables = [*self.kernels, *(layer.bias for layer in self.layers)]

    def __call__(self, inputs: Any, drop: Drop | None = None) -> Any:
        """Inputs [B, F] or [R, B, F] to outputs [R, B, C]."""
        values = inputs
        for number, layer in enumerate(self.layers):
            values = layer(values if drop is None else drop(number, values))
        return values

    def member(self, number: int) -> list[Array]:
        """Weights of one member as Keras' Dense lays them: kernel [I, J] and bias [J] of each layer in turn."""
        depth = len(self.layers)
        arrays = [variable.value[number].numpy() for variable in self.variables]
        arrays[0] = arrays[0].T
        return [part for layer in range(depth) for part in (arrays[layer], arrays[depth + layer][0])]

    @staticmethod
    def stack(members: Sequence[Sequence[Array]]) -> list[Array]:
        """Values for ``variables`` out of each member's weights, as ``member`` gives them."""
        kernels = [np.stack(parts) for parts in zip(*(weights[::2] for weights in members), strict=True)]
        biases = [np.stack(parts)[:, None] for parts in zip(*(weights[1::2] for weights in members), strict=True)]
        return [np.ascontiguousarray(kernels[0].transpose(0, 2, 1)), *kernels[1:], *biases]


def initial_weights(init: Init, widths: Sequence[int], seed: int) -> list[Array]:
    """A member's first weights, kernel [I, J] and bias [J] of each layer, from its seed and nothing else."""
    weights: list[Array] = []
    for number, (below, above) in enumerate(pairwise(widths)):
        (layer_seed,) = np.random.SeedSequence([seed, number]).generate_state(1) >> 1
        weights.append(np.asarray(_initializer(init, int(layer_seed))((below, above))))
        weights.append(np.full(above, init.bias, np.float32))
    return weights


def _layer(equation: str, members: int, below: int, above: int, activation: str) -> Any:
    layer = keras.layers.EinsumDense(
        equation, output_shape=(None, above), bias_axes="rj", activation=activation, kernel_initializer="zeros"
    )
    # Keras takes the first letter of the input for that of the output; for "bi" the shape must therefore say r.
    layer.build((members, below) if equation.startswith("bi") else (members, None, below))
    return layer


def _initializer(init: Init, seed: int) -> Any:
    scaled: dict[str, Callable[[], Any]] = {
        "truncated_normal": lambda: keras.initializers.TruncatedNormal(0.0, init.stddev, seed=seed),
        "normal": lambda: keras.initializers.RandomNormal(0.0, init.stddev, seed=seed),
        "uniform": lambda: keras.initializers.RandomUniform(-init.stddev, init.stddev, seed=seed),
        "zeros": keras.initializers.Zeros,
    }
    make = scaled.get(init.name)
    return make() if make else keras.initializers.get({"class_name": init.name, "config": {"seed": seed}})
