"""The configuration's optimizers as Keras' own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sweeper.config.schema import Optimizer
from sweeper.train.quiet import keras, tf

_KINDS: dict[str, Callable[..., Any]] = {
    "sgd": keras.optimizers.SGD,
    "momentum": keras.optimizers.SGD,
    "nesterov": lambda **own: keras.optimizers.SGD(nesterov=True, **own),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "adamax": keras.optimizers.Adamax,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "lion": keras.optimizers.Lion,
}


def build(optimizer: Optimizer, learning_rate: Callable[[], Any]) -> Any:
    """The Keras optimizer with the parameters of its own.

    Args:
        optimizer: its configuration. ``clipnorm`` is not handed on: Keras would take one norm over all members.
        learning_rate: asked once a step, [R, 1, 1]; it broadcasts over the weights of each member, [R, I, J].
    """
    own = {name: value for name, value in asdict(optimizer).items() if name not in {"name", "clipnorm"}}
    built = _KINDS[optimizer.name](learning_rate=learning_rate, name="optimizer", **own)
    # There are no replicas to sum over, and the sum would register a gradient that keeps the program in memory forever.
    built._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables  # noqa: SLF001
    return built


def clip(gradients: Sequence[Any], norm: float, arrays: Sequence[int]) -> list[Any]:
    """Scale each member's part of an array's gradient down to this Euclidean norm, where it is longer.

    Args:
        gradients: [R, J, I] each.
        norm: the longest that is left as it is.
        arrays: the number of the array that each of the gradients is of, or of a part of.
    """
    squares: dict[int, Any] = {}
    for gradient, array in zip(gradients, arrays, strict=True):
        square = tf.reduce_sum(tf.square(gradient), axis=(1, 2), keepdims=True)
        squares[array] = squares[array] + square if array in squares else square
    factors = {array: norm / tf.maximum(tf.sqrt(square), norm) for array, square in squares.items()}
    return [gradient * factors[array] for gradient, array in zip(gradients, arrays, strict=True)]
