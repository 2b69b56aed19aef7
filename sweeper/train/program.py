"""The compiled loop: many steps of training for all members of a group in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.train import dropout, graphs, kept, optimizers
from sweeper.train.activations import activate
from sweeper.train.from_file import PartInFile
from sweeper.train.network import Network
from sweeper.train.plan import CAPACITY
from sweeper.train.quiet import tf
from sweeper.train.resident import Part, Resident
from sweeper.train.shape import Array, BatchScores, Knobs, Shape, Verdict
from sweeper.train.step import Computation

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
    """A network of R members, its optimizer, and what trains and judges it.

    Its state is in ``network.variables`` and ``optimizer.variables``, and nowhere else.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.network = Network(shape.widths, shape.members, shape.blank)
        self._rate: Any = None
        self.optimizer = optimizers.build(shape.optimizer, lambda: self._rate)
        self.optimizer.build(self.network.variables)
        self._fresh = [_compact(variable.numpy()) for variable in self.optimizer.variables]
        self._step = Computation(shape)
        self._own: Compiled | None = None
        self._graph: Compiled | None = None
        self._judge: Compiled
        self._inputs: tuple[Any, ...] = ()
        self._part: Part | PartInFile | None = None

    def begin(self, data: Resident, knobs: Knobs, weights: list[Array]) -> None:
        """Take data, settings, first weights (see ``Network.stack``) and a fresh optimizer; compile if need be."""
        self._part = data.train
        examples = (*data.train.first(self.shape.batch), np.float32(data.top))
        settings = (knobs.choices, *dropout.thresholds(knobs.dropout), knobs.l2, knobs.l1, knobs.weights)
        self._inputs = tuple(map(tf.convert_to_tensor, (*examples, *settings)))
        self.restore([*weights, *self._fresh])
        self._graph = graphs.loop(self.shape, self._inputs) if graphs.can_train(self.shape, knobs) else None
        if self._graph is None:
            self._own = self._own or self._compiled()
        self._judge = graphs.judge(self.shape, self._inputs)

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
        assert self._part is not None
        found: list[tuple[Array, Array]] = []
        for turn, features, labels, own in self._part.calls(order):
            loss, accuracy = self._train(features, labels, own, rates[turn], keys[turn])
            found.append((loss.numpy()[: len(own)], accuracy.numpy()[: len(own)]))
        return BatchScores(*map(_end_to_end, zip(*found, strict=True)))

    def evaluate(self, part: Part | PartInFile) -> Verdict:
        """Judge the members on a part of the data, dropout off."""
        losses, answers, sound = np.zeros(self.shape.members), [], np.ones(self.shape.members, np.bool_)
        weights, rows = self._weights, np.int32(self.shape.judged)
        for features, labels in part.pieces(self.shape.judged):
            told = self._judge(
                features, labels, *self._inputs[2:4], *map(tf.convert_to_tensor, (rows, losses)), *weights
            )
            losses, sound = told[0].numpy(), told[2].numpy()
            answers.append(told[1].numpy())
        mean = (losses / len(part)).astype(np.float32)
        return Verdict(np.where(sound, mean, np.float32(np.nan)), _end_to_end(answers))

    def outputs(self, part: Part | PartInFile) -> Array:
        """What the members say of a part of the data, dropout off, [R, N, C]; standardised where it is numbers."""
        outputs, rest = graphs.outputs(self.shape, self._inputs), (tf.constant(self.shape.judged), *self._weights)
        said = [outputs(*some, *self._inputs[2:4], *rest).numpy() for some in part.pieces(self.shape.judged)]
        return said[0] if len(said) == 1 else np.concatenate(said, axis=1)

    @property
    def bytes(self) -> int:
        """That its state takes."""
        return sum(4 * int(np.prod(variable.shape)) for variable in self._variables)

    @property
    def _weights(self) -> list[Any]:
        """Those of now, as tensors."""
        return [tf.convert_to_tensor(variable.value) for variable in self.network.variables]

    @property
    def _variables(self) -> list[Any]:
        return [*self.network.variables, *self.optimizer.variables]

    def _rows(self, features: Any) -> Any:
        """How many are in a batch."""
        return self.shape.batch or tf.shape(features)[0]

    def _train(self, features: Any, labels: Any, *steps: Any) -> tuple[Any, Any]:
        """Take some steps, by a graph that serves other structures, too, or by the program of these sizes."""
        if self._graph is None:
            assert self._own is not None
            found: tuple[Any, Any] = self._own(features, labels, *self._inputs[2:], *_call(*steps))
            return found
        given = (features, labels, *self._inputs[2:], *map(tf.convert_to_tensor, steps), *self._weights)
        loss, accuracy, *weights = self._graph(*given)
        for variable, value in zip(self.network.variables, weights, strict=True):
            variable.assign(value)
        self.optimizer.iterations.assign_add(len(loss))
        return loss, accuracy

    def _compiled(self, *, again: bool = True) -> Compiled:
        """The training loop for these sizes and no others, run once over no step.

        A program that an earlier process kept may be damaged: it is made again. It may be that none can be
        kept, the disk being full: then it is a graph, and `shape` says so.
        """
        shape = self.shape
        inputs = (*self._inputs, *_call(
            np.zeros((0, 0 if shape.whole else shape.batch), np.int32),
            np.zeros((0, shape.members), np.float32),
            np.zeros((0, shape.layers), np.uint32),
        ))  # fmt: skip
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

    def _steps(
        self, features: Any, labels: Any, top: Any, choices: Any, thresholds: Any, scales: Any, l2: Any, l1: Any,
        of_classes: Any, count: Any, order: Any, rates: Any, keys: Any,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Losses and accuracies of `count` steps, [CAPACITY, R] each."""
        step, members = self._step, self.shape.members
        apply = activate(self.shape.activations, choices, jit=self.shape.jit)

        def body(at: Any, losses: Any, hits: Any) -> tuple[Any, Any, Any]:
            lasting = step.lasting(self._weights, thresholds, scales, l2, l1, of_classes, self._rows(features))
            inputs, truth = step.batch(features, labels, top, order[at], lasting)
            self._rate = tf.reshape(rates[at], (-1, 1, 1))
            loss, hit, gradients = step.gradients(self._weights, inputs, truth, apply, keys[at], lasting)
            self.optimizer.apply(gradients, self.network.variables)
            accuracy = tf.reduce_mean(tf.cast(hit, tf.float32), axis=1)
            return at + 1, losses.write(at, loss), hits.write(at, accuracy)

        empty = tf.TensorArray(tf.float32, size=CAPACITY, element_shape=(members,))
        _, losses, hits = tf.while_loop(
            lambda at, *_: at < count, body, (tf.constant(0), empty, empty), parallel_iterations=1
        )
        return losses.stack(), hits.stack()


def _compact(value: Array) -> Array:
    """A view of one number where all are equal, as the first values of an optimizer are."""
    one = value.reshape(-1)[0]
    return np.broadcast_to(one, value.shape) if (value == one).all() else value


def _end_to_end(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _call(*steps: Any) -> tuple[Any, ...]:
    """What changes from call to call, filled up to CAPACITY steps: every call has the shapes that were compiled."""
    count = len(steps[0])
    filled = (np.concatenate([part, np.zeros((CAPACITY - count, *part.shape[1:]), part.dtype)]) for part in steps)
    return tuple(map(tf.convert_to_tensor, (np.int32(count), *filled)))
