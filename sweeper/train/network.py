"""R networks of one shape as one: every layer holds the weights of all members, member first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Init
from sweeper.train.activations import Activate
from sweeper.train.quiet import keras, tf

Array = npt.NDArray[np.float32]
Columns = npt.NDArray[np.intp]
Drop = Callable[[int], Any]
"""What the input of layer number n, [B, F] or [R, B, I], is multiplied by, as units are dropped; None for nothing."""


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


def kernels_of(weights: Sequence[Any], layers: int) -> list[Any]:
    """Each layer's kernel, without that of blank features."""
    return [weights[0], *weights[-2 * layers + 1 : -layers]]


class Wide:
    """Products of layers, of which the first is one for all members where they share their inputs.

    Args:
        kernel: of the first layer, [R, J, I].
    """

    def __init__(self, kernel: Any) -> None:
        members, above, below = sizes(kernel)
        self._kernel, self._one = tf.stack([members, above, below]), tf.stack([-1, below])
        self._apart, self._side_by_side = tf.stack([-1, members, above]), tf.stack([-1, members * above])

    def product(self, inputs: Any, kernel: Any) -> Any:
        """[B, I] or [R, B, I], and [R, J, I], to [R, B, J]."""
        if len(inputs.shape) == 3:
            return tf.matmul(inputs, kernel, transpose_b=True)
        product = tf.matmul(inputs, tf.reshape(kernel, self._one), transpose_b=True)
        return tf.transpose(tf.reshape(product, self._apart), (1, 0, 2))

    def gradient(self, error: Any, inputs: Any) -> Any:
        """That of the product's kernel, [R, J, I], given that of what came out, [R, B, J]."""
        if len(inputs.shape) == 3:
            return tf.matmul(error, inputs, transpose_a=True)
        errors = tf.reshape(tf.transpose(error, (1, 0, 2)), self._side_by_side)
        return tf.reshape(tf.matmul(errors, inputs, transpose_a=True), self._kernel)


class _Passed(NamedTuple):
    """A layer, as the way back needs it: what it was given and multiplied by, and its activation with its tape."""

    inputs: Any
    factors: Any
    kernel: Any
    sums: Any
    after: Any
    tape: Any


class Forward:
    """A pass from inputs to outputs, and the way back.

    The way back is written out, as every step of it is a product or a sum: a tape over the whole would add, where sizes
    are left open, some hundred operations a step that find out at run time what was broadcast. Activations have tapes.

    Inputs that all members share, [B, F], meet all kernels in one wide product with R * J columns.

    Args:
        weights: as ``Network.variables`` has them.
        layers: how many.
        inputs: [B, F], or [R, B, F] where each member has its own, without the blank features.
        activate: applies the activations.
        drop: gives what units are multiplied by.
        wide: the shapes of the first layer's product, where they are known already.

    Attributes:
        outputs: [R, B, C].
    """

    def __init__(
        self, weights: Sequence[Any], layers: int, inputs: Any, activate: Activate, drop: Drop | None = None,
        wide: Wide | None = None,
    ) -> None:  # fmt: skip
        self._blank = list(weights[1 : -2 * layers + 1])
        kernels = kernels_of(weights, layers)
        self._wide = wide or Wide(kernels[0])
        self._passed: list[_Passed] = []
        values = inputs
        for number, (kernel, bias) in enumerate(zip(kernels, weights[-layers:], strict=True)):
            factors = None if drop is None else drop(number)
            values = values if factors is None else values * factors
            sums = self._wide.product(values, kernel) + bias
            with tf.GradientTape() as tape:
                tape.watch(sums)
                after = activate(number, sums)
            self._passed.append(_Passed(values, factors, kernel, sums, after, tape))
            values = after
        self.outputs = values

    def gradients(self, error: Any) -> list[Any]:
        """The gradient of each of the weights, as they came, given that of the outputs, [R, B, C]."""
        kernels: list[Any] = []
        biases: list[Any] = []
        for number, layer in reversed([*enumerate(self._passed)]):
            error = layer.tape.gradient(layer.after, layer.sums, output_gradients=error)
            kernels.insert(0, self._wide.gradient(error, layer.inputs))
            biases.insert(0, tf.reduce_sum(error, axis=1, keepdims=True))
            if number:
                error = tf.matmul(error, layer.kernel)
                error = error if layer.factors is None else error * layer.factors
        return [kernels[0], *map(tf.zeros_like, self._blank), *kernels[1:], *biases]


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
