"""TensorFlow graphs for networks of any widths and any number of members: one trace serves all of a kind.

A search over widths gives nearly every trial a structure of its own, and most of them are stopped early: to trace
graphs for each took a tenth of the default search. XLA needs to know every size; here each is that of what comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sweeper.config.schema import Optimizer
from sweeper.config.structure import serves_all_widths
from sweeper.train.activations import activate
from sweeper.train.quiet import tf
from sweeper.train.shape import Knobs, Shape
from sweeper.train.step import Computation

Compiled = Callable[..., Any]

_made: dict[tuple[str, Shape], Compiled] = {}


def can_train(shape: Shape, knobs: Knobs) -> bool:
    """Whether `loop` does what a shape's own graph would, to the last bit."""
    return not shape.jit and serves_all_widths(shape.optimizer, l1=bool(knobs.l1.any()))


def loop(shape: Shape, inputs: Sequence[Any]) -> Compiled:
    """The training loop.

    Given `inputs` as ``Program`` has them, learning rates [K, R], the order of the examples [K, B], keys [K, L] and the
    weights, it gives losses and accuracies of each step, [K, R] each, and the weights after K steps.

    Args:
        shape: of the program.
        inputs: of this kind.
    """
    open_, step = shape.any_size, Computation(shape.any_size)

    def steps(
        features: Any, labels: Any, top: Any, choices: Any, thresholds: Any, scales: Any, l2: Any, l1: Any,  # noqa: ARG001 - what a program is given
        of_classes: Any, order: Any, rates: Any, keys: Any, *weights: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        apply, count = activate(open_.activations, choices, jit=False), tf.shape(rates)[0]
        rows = tf.shape(labels if open_.whole else order)[-1]
        lasting = step.lasting(weights, thresholds, scales, l2, None, of_classes, rows)
        every = rates[:, :, None, None]

        def body(at: Any, losses: Any, hits: Any, *weights: Any) -> tuple[Any, ...]:
            batch, truth = step.batch(features, labels, top, tf.gather(order, at), lasting)
            loss, hit, gradients = step.gradients(weights, batch, truth, apply, tf.gather(keys, at), lasting)
            rate = tf.gather(every, at)
            accuracy = tf.reduce_mean(tf.cast(hit, tf.float32), axis=1)
            after = [weight - gradient * rate for weight, gradient in zip(weights, gradients, strict=True)]
            return at + 1, losses.write(at, loss), hits.write(at, accuracy), *after

        empty = tf.TensorArray(tf.float32, size=count, element_shape=(None,))
        begin = (tf.constant(0), empty, empty, *weights)
        _, losses, hits, *after = tf.while_loop(lambda at, *_: at < count, body, begin, parallel_iterations=1)
        return losses.stack(), hits.stack(), *after

    rest = (
        tf.TensorSpec((None, 0 if shape.whole else None), tf.int32),
        tf.TensorSpec((None, None)),
        tf.TensorSpec((None, None), tf.uint32),
    )
    return _graph("loop", open_, steps, (*map(_open, inputs), *rest, *_weights(open_)))


def judge(shape: Shape, inputs: Sequence[Any]) -> Compiled:
    """The graph that judges members, dropout off.

    Given features and labels, `top` and `choices` as ``Program`` has them, how many examples to look at in one go, the
    losses so far [R] in 64 bits and the weights, it gives the losses with those of these examples, in one sum; which
    answers are right, [N, R]; and which members have finite weights alone, [R]: ReLU may turn a NaN into a 0.
    """
    open_ = _judged(shape)
    step = Computation(open_)

    def verdict(
        features: Any, labels: Any, top: Any, choices: Any, rows: Any, before: Any, *weights: Any
    ) -> tuple[Any, Any, Any]:
        apply = activate(open_.activations, choices, jit=False)

        def body(part: Any, losses: Any, answers: Any) -> tuple[Any, Any, Any]:
            some = slice(part * rows, (part + 1) * rows)
            loss, right = step.verdict(weights, step.floats(features[some], top), labels[some], apply)
            return part + 1, losses + tf.cast(loss, tf.float64), answers.write(part, tf.transpose(right))

        parts = -(-tf.shape(labels)[0] // rows)
        kind = tf.float32 if open_.numbers else tf.bool
        answers = tf.TensorArray(kind, size=parts, infer_shape=False, element_shape=(None, None))
        begin = (tf.constant(0), before, answers)
        _, losses, answers = tf.while_loop(lambda part, *_: part < parts, body, begin, parallel_iterations=1)
        finite = [tf.reduce_all(tf.math.is_finite(weight), axis=(1, 2)) for weight in weights]
        return losses, answers.concat(), tf.reduce_all(tf.stack(finite), axis=0)

    more = (tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float64), *_weights(open_))
    return _graph("judge", open_, verdict, (*map(_open, inputs[:4]), *more))


def outputs(shape: Shape, inputs: Sequence[Any]) -> Compiled:
    """The graph of what members say of examples, dropout off, [R, N, C].

    Given features, labels (which only say how many examples there are), `top`, `choices`, how many to look at in one
    go, and the weights.
    """
    open_ = _judged(shape)
    step = Computation(open_)

    def said(features: Any, labels: Any, top: Any, choices: Any, rows: Any, *weights: Any) -> Any:
        apply = activate(open_.activations, choices, jit=False)

        def body(part: Any, found: Any) -> tuple[Any, Any]:
            some = step.floats(features[part * rows : (part + 1) * rows], top)
            return part + 1, found.write(part, tf.transpose(step.outputs(weights, some, apply), (1, 0, 2)))

        parts, element = -(-tf.shape(labels)[0] // rows), (None, None, open_.widths[-1])
        found = tf.TensorArray(tf.float32, size=parts, infer_shape=False, element_shape=element)
        begin = (tf.constant(0), found)
        _, found = tf.while_loop(lambda part, *_: part < parts, body, begin, parallel_iterations=1)
        return tf.transpose(found.concat(), (1, 0, 2))

    more = (tf.TensorSpec((), tf.int32), *_weights(open_))
    return _graph("outputs", open_, said, (*map(_open, inputs[:4]), *more))


def _judged(shape: Shape) -> Shape:
    """What judging hangs on: nothing that is of training alone."""
    return replace(
        shape.any_size,
        optimizer=Optimizer(),
        whole=False,
        dropout=False,
        input_dropout="none",
        penalty=False,
        weighted=False,
        jit=False,
    )


def _graph(name: str, shape: Shape, function: Compiled, specs: Sequence[Any]) -> Compiled:
    """The graph of a function: the one that is kept, or a new one."""
    if (name, shape) not in _made:
        _made[name, shape] = tf.function(function, autograph=False).get_concrete_function(*specs)
    return _made[name, shape]


def _open(value: Any) -> Any:
    """Any array of this kind."""
    return tf.TensorSpec([None] * len(value.shape), value.dtype)


def _weights(shape: Shape) -> list[Any]:
    """Any weights of these layers; how many outputs there are is known, as losses ask for it."""
    kernels = [(None, units or None, None) for units in shape.widths[1:]]
    blank = [(None, kernels[0][1], None)] if shape.blank else []
    biases = [(None, 1, units) for _, units, _ in kernels]
    return [tf.TensorSpec(size) for size in (kernels[0], *blank, *kernels[1:], *biases)]
