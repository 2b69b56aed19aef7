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


class Network:
    """Dense layers with a leading axis of members: kernels [R, J, I], then biases [R, 1, J], of each layer in turn.

    The kernels lie the other way round than Dense's because then their gradient, the largest product of a step, is
    the fastest of the four possible ones (by a third for J = 50). One shape for everything lets one
    learning rate a member, [R, 1, 1], broadcast over every array. The weights of blank features, which see penalties
    alone, are a kernel of their own behind the first.

    Args:
        widths: F, the units of each layer, C.
        members: R.
        blank: of F, the last so many features are 0 in every example, and left out of the inputs.

    Attributes:
        variables: the weights, in this order.
    """

    def __init__(self, widths: Sequence[int], members: int, blank: int = 0) -> None:
        self._widths, self._blank = tuple(widths), blank
        self.variables = [self._variable((members, *pair)) for pair in self._sizes]
        self.variables += [self._variable((members, 1, above)) for above in widths[1:]]

    @property
    def parameters(self) -> int:
        """Trainable parameters of one member."""
        return sum(int(np.prod(variable.shape[1:])) for variable in self.variables)

    @property
    def _sizes(self) -> list[tuple[int, int]]:
        """Rows and columns of each kernel."""
        first = self._widths[0] - self._blank
        own = [(above, below) for below, above in pairwise((first, *self._widths[1:]))]
        return [own[0], *([(self._widths[1], self._blank)] if self._blank else []), *own[1:]]

    @staticmethod
    def _variable(shape: tuple[int, ...]) -> Any:
        return keras.Variable(np.zeros(shape, np.float32))

    def member(self, number: int, columns: Columns) -> list[Array]:
        """Weights of one member as Keras' Dense lays them: kernel [I, J] and bias [J] of each layer in turn."""
        weights = [variable.value[number].numpy() for variable in self.variables]
        if self._blank:
            weights[:2] = [np.concatenate(weights[:2], axis=1)]
        layers = len(weights) // 2
        kernels = [kernel.T for kernel in weights[:layers]]
        first = np.empty_like(kernels[0])
        first[columns] = kernels[0]
        biases = [bias[0] for bias in weights[layers:]]
        return [part for layer in zip([first, *kernels[1:]], biases, strict=True) for part in layer]

    @staticmethod
    def stack(members: Sequence[Sequence[Array]], columns: Columns, blank: int = 0) -> list[Array]:
        """Values for ``variables`` out of each member's weights, as ``member`` gives them."""
        arrays = [np.stack(parts) for parts in zip(*members, strict=True)]
        first, *kernels = [kernel.transpose(0, 2, 1) for kernel in arrays[::2]]
        seen = len(columns) - blank
        parts = [first[..., columns[:seen]], *([first[..., columns[seen:]]] if blank else [])]
        return [*map(np.ascontiguousarray, (*parts, *kernels)), *(bias[:, None] for bias in arrays[1::2])]


def forward(weights: Sequence[Any], layers: int, inputs: Any, activate: Activate, drop: Drop | None = None) -> Any:
    """Inputs to outputs [R, B, C].

    Inputs that all members share, [B, F], meet all kernels in one wide product with R * J columns.

    Args:
        weights: as ``Network.variables`` has them.
        layers: how many.
        inputs: [B, F], or [R, B, F] where each member has its own, without the blank features.
        activate: applies the activations.
        drop: drops units.
    """
    values, kernels = inputs, [weights[0], *weights[-2 * layers + 1 : -layers]]
    for number, (kernel, bias) in enumerate(zip(kernels, weights[-layers:], strict=True)):
        values = activate(number, _product(values if drop is None else drop(number, values), kernel) + bias)
    return values


def arrays(layers: int, blank: int) -> list[int]:
    """Which of the weights are parts of one array, as Keras has them."""
    return [*([0] if blank else []), *range(2 * layers)]


def sizes(values: Any) -> list[Any]:
    """The shape of a tensor: numbers where they are known when it is traced, tensors where they are not."""
    known = values.shape.as_list()
    if None not in known:
        return list(known)
    told = tf.shape(values)
    return [told[axis] if size is None else size for axis, size in enumerate(known)]


def _product(inputs: Any, kernel: Any) -> Any:
    """[B, I] or [R, B, I], and [R, J, I], to [R, B, J]."""
    if len(inputs.shape) == 3:
        return tf.matmul(inputs, kernel, transpose_b=True)
    members, above, below = sizes(kernel)
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
