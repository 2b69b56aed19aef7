"""The compiled loop: many steps of training for all members of a group in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.train import dropout, kept, optimizers
from sweeper.train.activations import Activate, activate
from sweeper.train.from_file import PartInFile
from sweeper.train.losses import LOSSES, OF_NUMBERS, right
from sweeper.train.network import Drop, Network
from sweeper.train.plan import CAPACITY
from sweeper.train.quiet import tf
from sweeper.train.resident import Part, Resident
from sweeper.train.shape import Array, BatchScores, Knobs, Shape, Verdict

Compiled = Callable[..., Any]

MOST = 12
"""Programs that a worker keeps, those it used last: no structure is compiled twice."""

BUDGET = 2**29
"""Bytes that the weights and the optimizers of all of them may take."""

_programs: dict[tuple[Shape, int], Program] = {}


def program(shape: Shape, fold: int = 0) -> Program:
    """The program of a shape: the one that is kept, or a new one. Those before it let go of their data.

    Folds after the first have programs of their own, which are used side by side.
    """
    found = _programs.pop((shape, fold), None) or Program(shape)
    for other in () if fold else _programs.values():
        other.let_go()
    _programs[shape, fold] = found
    while len(_programs) > 1 and (len(_programs) > MOST or sum(p.bytes for p in _programs.values()) > BUDGET):
        del _programs[next(iter(_programs))]
    return found


class Program:
    """A network of R members, its optimizer, and the two compiled functions that train and judge it.

    Its state is in ``network.variables`` and ``optimizer.variables``, and nowhere else.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.network = Network(shape.widths, shape.members, shape.blank)
        self._rate: Any = None
        self.optimizer = optimizers.build(shape.optimizer, lambda: self._rate)
        self.optimizer.build(self.network.variables)
        self._fresh = [_compact(variable.numpy()) for variable in self.optimizer.variables]
        self._loss = (OF_NUMBERS if shape.numbers else LOSSES)[shape.loss]
        self._train: Compiled | None = None
        self._judge: Compiled
        self._outputs: Compiled | None = None
        self._inputs: tuple[Any, ...] = ()
        self._part: Part | PartInFile | None = None

    def begin(self, data: Resident, knobs: Knobs, weights: list[Array]) -> None:
        """Take data, settings, first weights (see ``Network.stack``) and a fresh optimizer; compile if need be."""
        self._part = data.train
        examples = (*data.train.first(self.shape.batch), np.float32(data.top))
        settings = (knobs.choices, *dropout.thresholds(knobs.dropout), knobs.l2, knobs.l1, knobs.weights)
        self._inputs = tuple(map(tf.convert_to_tensor, (*examples, *settings)))
        self.restore([*weights, *self._fresh])
        if not self._train:
            self._train = self._compiled()
            self._judge = self._graph(self._verdict, tf.TensorSpec((self.shape.members,), tf.float64))

    def let_go(self) -> None:
        """Hold on to no examples; another ``begin`` gives some."""
        self._inputs, self._part = (), None

    def state(self) -> list[Array]:
        """Everything that another step depends on, but for the number of steps done."""
        return [variable.numpy() for variable in self._variables]

    def restore(self, state: list[Array]) -> None:
        """Go back to what ``state`` gave, to the last bit."""
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)

    def advance(self, order: npt.NDArray[np.int32], rates: Array, keys: npt.NDArray[np.uint32]) -> BatchScores:
        """Train K steps, up to CAPACITY.

        Args:
            order: which examples are in each batch, [K, B]; not looked at where a batch is the whole part.
            rates: learning rates, [K, R].
            keys: of the dropout noise, [K, L].
        """
        assert self._train is not None
        assert self._part is not None
        found: list[tuple[Array, Array]] = []
        for turn, features, labels, own in self._part.calls(order):
            call = _call(len(own), own, rates[turn], keys[turn])
            loss, accuracy = self._train(features, labels, *self._inputs[2:], *call)
            found.append((loss.numpy()[: len(own)], accuracy.numpy()[: len(own)]))
        return BatchScores(*map(_end_to_end, zip(*found, strict=True)))

    def evaluate(self, part: Part | PartInFile) -> Verdict:
        """Judge the members on a part of the data, dropout off."""
        losses, answers, sound = np.zeros(self.shape.members), [], np.ones(self.shape.members, np.bool_)
        for features, labels in part.pieces(self.shape.judged):
            told = self._judge(features, labels, *self._inputs[2:4], tf.convert_to_tensor(losses))
            losses, sound = told[0].numpy(), told[2].numpy()
            answers.append(told[1].numpy())
        mean = (losses / len(part)).astype(np.float32)
        return Verdict(np.where(sound, mean, np.float32(np.nan)), _end_to_end(answers))

    def outputs(self, part: Part | PartInFile) -> Array:
        """What the members say of a part of the data, dropout off, [R, N, C]; standardised where it is numbers."""
        self._outputs = self._outputs or self._graph(self._said)  # most trials that are pruned never need it
        said = [self._outputs(*some, *self._inputs[2:4]).numpy() for some in part.pieces(self.shape.judged)]
        return said[0] if len(said) == 1 else np.concatenate(said, axis=1)

    @property
    def bytes(self) -> int:
        """That its state takes."""
        return sum(4 * int(np.prod(variable.shape)) for variable in self._variables)

    @property
    def _depth(self) -> int:
        return len(self.shape.widths) - 1

    @property
    def _variables(self) -> list[Any]:
        return [*self.network.variables, *self.optimizer.variables]

    def _compiled(self, *, again: bool = True) -> Compiled:
        """The training loop, run once over no step.

        A program that an earlier process kept may be damaged: it is made again. It may be that none can be
        kept, the disk being full: then it is a graph, and `shape` says so.
        """
        shape = self.shape
        empty = np.zeros((0, 0 if shape.whole else shape.batch), np.int32)
        inputs = (
            *self._inputs,
            *_call(0, empty, np.zeros((0, shape.members), np.float32), np.zeros((0, self._depth), np.uint32)),
        )
        # Traced for inputs of these kinds and no others: a program that is never traced again cannot compile again.
        specs = [tf.TensorSpec((None, *x.shape[1:]) if n < 2 else x.shape, x.dtype) for n, x in enumerate(inputs)]
        function = tf.function(self._steps, jit_compile=shape.jit, autograph=False)
        with kept.named(str(shape)):
            compiled: Compiled = function.get_concrete_function(*specs)
        try:
            compiled(*inputs)
        except tf.errors.OpError:
            if not self.shape.jit or not kept.forget():
                raise
            self.shape = replace(self.shape, jit=again)
            return self._compiled(again=False)
        return compiled

    def _graph(self, function: Callable[..., Any], *more: Any) -> Compiled:
        """A graph: its products are large and its operations few, so XLA would gain nothing."""
        examples, labels, *others = self._inputs[:4]
        parts = (tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in (examples, labels))
        specs = (*parts, *(tf.TensorSpec(other.shape, other.dtype) for other in others), *more)
        made: Compiled = tf.function(function, autograph=False).get_concrete_function(*specs)
        return made

    def _steps(
        self, features: Any, labels: Any, top: Any, choices: Any, thresholds: Any, scales: Any, l2: Any, l1: Any,
        weights: Any, count: Any, order: Any, rates: Any, keys: Any,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Losses and accuracies of `count` steps, [CAPACITY, R] each."""
        apply = activate(self.shape.activations, choices, jit=self.shape.jit)

        def body(at: Any, losses: Any, hits: Any) -> tuple[Any, Any, Any]:
            inputs, truth = self._batch(features, labels, top, order[at])
            self._rate = tf.reshape(rates[at], (-1, 1, 1))
            drop = self._drop(keys[at], thresholds, scales)
            loss, hit = self._step(inputs, truth, apply, drop, (l2, l1), weights)
            accuracy = tf.reduce_mean(tf.cast(hit, tf.float32), axis=1)
            return at + 1, losses.write(at, loss), hits.write(at, accuracy)

        empty = tf.TensorArray(tf.float32, size=CAPACITY, element_shape=(self.shape.members,))
        _, losses, hits = tf.while_loop(
            lambda at, *_: at < count, body, (tf.constant(0), empty, empty), parallel_iterations=1
        )
        return losses.stack(), hits.stack()

    def _batch(self, features: Any, labels: Any, top: Any, rows: Any) -> tuple[Any, Any]:
        """Inputs [B, F], without those that are blank, and class numbers [R, B] of one step."""
        if self.shape.whole:
            features = tf.ensure_shape(features, (self.shape.batch, features.shape[1]))
        else:
            features, labels = tf.gather(features, rows), tf.gather(labels, rows)
        return self._floats(features, top), tf.broadcast_to(labels, (self.shape.members, self.shape.batch))

    def _step(
        self, inputs: Any, truth: Any, apply: Activate, drop: Drop | None, penalties: tuple[Any, Any], weights: Any
    ) -> tuple[Any, Any]:
        """One update of every member: losses [R] and which answers were right [R, B], as they were before it."""
        variables = [variable.value for variable in self.network.variables]
        with tf.GradientTape() as tape:
            outputs = self.network(inputs, apply, drop)
            each = self._loss(truth, outputs)
            loss = tf.reduce_mean(each, axis=1)
            counted = tf.reduce_mean(each * tf.gather(weights, truth, batch_dims=1), 1) if self.shape.weighted else loss
        # Of a vector the tape gives the gradient of its sum; members share no weight, so each gets its own.
        gradients = tape.gradient(counted, variables, unconnected_gradients="zero")
        if self.shape.penalty:
            for number, kernel in enumerate(self.network.kernels):
                gradients[number] += _penalty_gradient(kernel.value, *penalties)
        if self.shape.optimizer.clipnorm:
            gradients = optimizers.clip(gradients, self.shape.optimizer.clipnorm, self.network.arrays)
        self.optimizer.apply(gradients, self.network.variables)
        return loss, right(truth, outputs, numbers=self.shape.numbers)

    def _drop(self, keys: Any, thresholds: Any, scales: Any) -> Drop | None:
        shape = self.shape
        if not shape.dropout and shape.input_dropout == "none":
            return None

        def drop(layer: int, values: Any) -> Any:
            if not (shape.dropout if layer else shape.input_dropout != "none"):
                return values
            shared = layer == 0 and shape.input_dropout == "shared"
            return dropout.drop(values, keys[layer], thresholds[layer], scales[layer], shared=shared)

        return drop

    def _verdict(self, features: Any, labels: Any, top: Any, choices: Any, before: Any) -> tuple[Any, Any, Any]:
        """Losses added to those of examples before these, in one sum, and which answers are right; and who is sound."""
        members, size, rows = self.shape.members, tf.shape(labels)[0], self.shape.judged
        apply = activate(self.shape.activations, choices, jit=False)

        def body(part: Any, losses: Any, answers: Any) -> tuple[Any, Any, Any]:
            some = slice(part * rows, (part + 1) * rows)
            outputs = self.network(self._floats(features[some], top), apply)
            truth = tf.broadcast_to(labels[some], (members, tf.shape(labels[some])[0]))
            loss = tf.reduce_sum(self._loss(truth, outputs), axis=1)
            return (
                part + 1,
                losses + tf.cast(loss, tf.float64),
                answers.write(part, tf.transpose(right(truth, outputs, numbers=self.shape.numbers))),
            )

        parts = -(-size // rows)
        kind = tf.float32 if self.shape.numbers else tf.bool
        answers = tf.TensorArray(kind, size=parts, infer_shape=False, element_shape=(None, members))
        begin = (tf.constant(0), before, answers)
        _, losses, answers = tf.while_loop(lambda part, *_: part < parts, body, begin, parallel_iterations=1)
        return losses, answers.concat(), self.network.sound

    def _said(self, features: Any, labels: Any, top: Any, choices: Any) -> Any:
        """See ``outputs``; the labels only say how many examples there are."""
        members, size, rows = self.shape.members, tf.shape(labels)[0], self.shape.judged
        apply = activate(self.shape.activations, choices, jit=False)

        def body(part: Any, said: Any) -> tuple[Any, Any]:
            outputs = self.network(self._floats(features[part * rows : (part + 1) * rows], top), apply)
            return part + 1, said.write(part, tf.transpose(outputs, (1, 0, 2)))

        parts, shape = -(-size // rows), (None, members, self.shape.widths[-1])
        said = tf.TensorArray(tf.float32, size=parts, infer_shape=False, element_shape=shape)
        _, said = tf.while_loop(lambda part, *_: part < parts, body, (tf.constant(0), said), parallel_iterations=1)
        return tf.transpose(said.concat(), (1, 0, 2))

    def _floats(self, features: Any, top: Any) -> Any:
        return tf.cast(features, tf.float32) / top if self.shape.packed else features


def _compact(value: Array) -> Array:
    """A view of one number where all are equal, as the first values of an optimizer are."""
    one = value.reshape(-1)[0]
    return np.broadcast_to(one, value.shape) if (value == one).all() else value


def _end_to_end(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _penalty_gradient(kernel: Any, l2: Any, l1: Any) -> Any:
    """The gradient of l2 * sum(w squared) + l1 * sum(|w|), as Keras' regularizers define them."""
    return 2.0 * l2[:, None, None] * kernel + l1[:, None, None] * tf.sign(kernel)


def _call(count: int, *steps: Any) -> tuple[Any, ...]:
    """What changes from call to call, filled up to CAPACITY steps: every call has the shapes that were compiled."""
    filled = (np.concatenate([part, np.zeros((CAPACITY - count, *part.shape[1:]), part.dtype)]) for part in steps)
    return tuple(map(tf.convert_to_tensor, (np.int32(count), *filled)))
