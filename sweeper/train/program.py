"""The compiled loop: many steps of training for all members of a group in one call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Optimizer
from sweeper.train import optimizers
from sweeper.train.losses import LOSSES
from sweeper.train.network import Network
from sweeper.train.plan import CAPACITY
from sweeper.train.quiet import tf
from sweeper.train.resident import Part, Resident

Array = npt.NDArray[np.float32]
InputDrop = Literal["none", "shared", "own"]


@dataclass(frozen=True)
class Shape:
    """All that is compiled into a program; whatever is not here is run-time data.

    Attributes:
        widths: F, the units of each layer, C.
        activations: of each layer, the last one's included.
        members: R.
        batch: B.
        whole: a batch is the whole training part, in its own order.
        dropout: hidden units may be dropped.
        input_dropout: features may be dropped: the same ones for all members, or each member's own.
        penalty: L1 or L2 may be added.
        packed: the examples lie in memory as uint8.
        jit: compiled by XLA; otherwise TensorFlow's graph.
    """

    widths: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    optimizer: Optimizer
    members: int
    batch: int
    whole: bool
    dropout: bool
    input_dropout: InputDrop
    penalty: bool
    packed: bool
    jit: bool


@dataclass(frozen=True)
class Knobs:
    """Each member's own settings, run-time values.

    Attributes:
        dropout: rates, of the input first and then of each hidden layer, [L, R].
        l2, l1: [R].
    """

    dropout: Array
    l2: Array
    l1: Array


@dataclass(frozen=True)
class Outcome:
    """What one call came to: loss and number of right answers for each step and member, [K, R]."""

    loss: Array
    hits: Array


@lru_cache(maxsize=16)
def program(shape: Shape) -> Program:
    """The program of a shape; a worker keeps those it used last, so that no structure is compiled twice."""
    return Program(shape)


class Program:
    """A network of R members, its optimizer, and the two compiled functions that train and judge it.

    All of its state is in ``network.variables`` and ``optimizer.variables``.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.network = Network(
            shape.widths, shape.activations, shape.members, shared_input=shape.input_dropout != "own"
        )
        self._rate: Any = None
        self.optimizer = optimizers.build(shape.optimizer, lambda: self._rate)
        self.optimizer.build(self.network.variables)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        self._loss = LOSSES[shape.loss]
        self.train = tf.function(self._train, jit_compile=shape.jit, autograph=False)
        self.judge = tf.function(self._judge, reduce_retracing=True, autograph=False)
        self.compiled = False

    def begin(self, weights: list[Array], data: Resident) -> float:
        """Take first weights (see ``Network.stack``) and a fresh optimizer; the seconds that compiling took."""
        self.restore([*weights, *self._fresh])
        started = time.perf_counter()
        if not self.compiled:
            self._compile(data)
        return time.perf_counter() - started

    def state(self) -> list[Array]:
        """Everything that another step depends on, but for the number of steps done."""
        return [variable.numpy() for variable in self._variables]

    def restore(self, state: list[Array]) -> None:
        """Go back to what ``state`` gave, to the last bit."""
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)

    def advance(
        self, data: Resident, order: npt.NDArray[np.int32], rates: Array, keys: npt.NDArray[np.uint32], knobs: Knobs
    ) -> Outcome:
        """Train K steps, up to CAPACITY.

        Args:
            data: the training part is used.
            order: which examples are in each batch, [K, B]; not looked at where a batch is the whole part.
            rates: learning rates, [K, R].
            keys: of the dropout noise, [K, L].
            knobs: each member's settings.
        """
        count = len(order)
        keep = 1.0 - knobs.dropout.astype(np.float64)
        loss, hits = self.train(
            data.train.features,
            data.train.labels,
            np.float32(data.top),
            np.int32(count),
            _padded(order),
            _padded(rates),
            _padded(keys),
            np.rint((1.0 - keep) * 2**32).astype(np.uint32),
            (1.0 / keep).astype(np.float32),
            knobs.l2,
            knobs.l1,
        )
        return Outcome(loss.numpy()[:count], hits.numpy()[:count])

    def evaluate(self, data: Resident, part: Part) -> tuple[Array, Array]:
        """Mean loss and accuracy of each member over a part, dropout off, [R] each.

        The loss of a member with a weight that is not finite is NaN, whatever the network makes of it.
        """
        size = len(part)
        rows = max(64, 2**21 // max(self.shape.widths[0], self.shape.members * max(self.shape.widths[1:])))
        sums = np.zeros((2, self.shape.members))
        for start in range(0, size, rows):
            stop = start + rows
            sums += self.judge(part.features[start:stop], part.labels[start:stop], np.float32(data.top)).numpy()
        loss, accuracy = (sums / size).astype(np.float32)
        return np.where(self._sound(), loss, np.float32(np.nan)), accuracy

    @property
    def _variables(self) -> list[Any]:
        return [*self.network.variables, *self.optimizer.variables]

    def _sound(self) -> npt.NDArray[np.bool_]:
        finite = [np.isfinite(v.numpy()).all(axis=(1, 2)) for v in self.network.variables]
        return np.asarray(np.all(finite, axis=0))

    def _compile(self, data: Resident) -> None:
        """Run both functions over nothing."""
        layers, members = len(self.shape.widths) - 1, self.shape.members
        nothing = Knobs(*(np.zeros(s, np.float32) for s in ((layers, members), members, members)))
        order = np.zeros((0, 0 if self.shape.whole else self.shape.batch), np.int32)
        self.advance(data, order, np.zeros((0, members), np.float32), np.zeros((0, layers), np.uint32), nothing)
        self.compiled = True

    def _train(  # noqa: PLR0917 - a compiled function's inputs are tensors by position
        self, features: Any, labels: Any, top: Any, count: Any, order: Any, rates: Any, keys: Any,
        thresholds: Any, scales: Any, l2: Any, l1: Any,
    ) -> tuple[Any, Any]:  # fmt: skip
        def body(at: Any, losses: Any, hits: Any) -> tuple[Any, Any, Any]:
            chosen, of_them = (features, labels) if self.shape.whole else _rows(order[at], features, labels)
            inputs = self._floats(chosen, top)
            truth = tf.broadcast_to(of_them, (self.shape.members, self.shape.batch))
            drop = self._drop(keys[at], thresholds, scales) if self._drops else None
            self._rate = tf.reshape(rates[at], (-1, 1, 1))
            loss, hit = self._step(inputs, truth, drop, l2, l1)
            return at + 1, losses.write(at, loss), hits.write(at, hit)

        empty = tf.TensorArray(tf.float32, size=CAPACITY, element_shape=(self.shape.members,))
        _, losses, hits = tf.while_loop(
            lambda at, *_: at < count, body, (tf.constant(0), empty, empty), parallel_iterations=1
        )
        return losses.stack(), hits.stack()

    def _step(self, inputs: Any, truth: Any, drop: Any, l2: Any, l1: Any) -> tuple[Any, Any]:
        """One update of every member: loss and right answers, [R] each, as they were before it."""
        variables = [variable.value for variable in self.network.variables]
        with tf.GradientTape() as tape:
            outputs = self.network(inputs, drop)
            loss = tf.reduce_mean(self._loss(truth, outputs), axis=1)
        # Of a vector the tape gives the gradient of its sum; members share no weight, so each gets its own.
        gradients = tape.gradient(loss, variables)
        if self.shape.penalty:
            for number, kernel in enumerate(self.network.kernels):
                gradients[number] += _penalty_gradient(kernel.value, l2, l1)
        if self.shape.optimizer.clipnorm:
            gradients = [optimizers.clip(gradient, self.shape.optimizer.clipnorm) for gradient in gradients]
        self.optimizer.apply(gradients, self.network.variables)
        return loss, _hits(truth, outputs)

    def _judge(self, features: Any, labels: Any, top: Any) -> Any:
        """Sums over the examples of loss and right answers, [2, R]."""
        inputs = self._floats(features, top)
        if self.shape.input_dropout == "own":
            inputs = tf.broadcast_to(inputs, (self.shape.members, *tf.unstack(tf.shape(inputs))))
        truth = tf.broadcast_to(labels, (self.shape.members, tf.shape(labels)[0]))
        outputs = self.network(inputs)
        return tf.stack([tf.reduce_sum(self._loss(truth, outputs), axis=1), _hits(truth, outputs)])

    def _floats(self, features: Any, top: Any) -> Any:
        return tf.cast(features, tf.float32) / top if self.shape.packed else features

    @property
    def _drops(self) -> bool:
        return self.shape.dropout or self.shape.input_dropout != "none"

    def _drop(self, keys: Any, thresholds: Any, scales: Any) -> Any:
        """Inverted dropout: the noise of a unit is shared by all members, each compares it with its own rate."""

        def drop(layer: int, values: Any) -> Any:
            if not (self.shape.dropout if layer else self.shape.input_dropout != "none"):
                return values
            threshold, scale = thresholds[layer][:, None, None], scales[layer][:, None, None]
            if layer == 0 and self.shape.input_dropout == "shared":
                threshold, scale = threshold[0], scale[0]
            bits = noise(keys[layer], self.shape.batch, self.shape.widths[layer])
            return values * tf.where(bits >= threshold, scale, 0.0)

        return drop


def noise(key: Any, rows: int, units: int) -> Any:
    """32 random bits for each unit of each example, [rows, units]: ``batches.mix`` over a count.

    A hash costs a few operations that fuse with the comparison; TensorFlow's own generators cost more than the rest
    of the step.
    """
    bits = tf.bitwise.bitwise_xor(tf.cast(tf.range(rows * units), tf.uint32), key)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(shift))) * np.uint32(factor)
    return tf.reshape(tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(16))), (rows, units))


def _penalty_gradient(kernel: Any, l2: Any, l1: Any) -> Any:
    """Of l2 * sum(w squared) + l1 * sum(|w|), as Keras' regularizers define them."""
    return 2.0 * l2[:, None, None] * kernel + l1[:, None, None] * tf.sign(kernel)


def _hits(truth: Any, outputs: Any) -> Any:
    right = tf.equal(tf.argmax(outputs, axis=-1, output_type=tf.int32), truth)
    return tf.reduce_sum(tf.cast(right, tf.float32), axis=1)


def _rows(order: Any, features: Any, labels: Any) -> tuple[Any, Any]:
    return tf.gather(features, order), tf.gather(labels, order)


def _padded(rows: Any) -> Any:
    """Zeros up to CAPACITY rows, so that every call has the shapes that were compiled."""
    return np.concatenate([rows, np.zeros((CAPACITY - len(rows), *rows.shape[1:]), rows.dtype)])
