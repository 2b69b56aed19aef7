"""Activations of members side by side: each has its own, out of those that there are in its group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sweeper.train.quiet import keras, tf

Activate = Callable[[int, Any], Any]
"""Applies the activations of layer number n to what its members have summed up, [R, B, J]."""


def activate(names: Sequence[Sequence[str]], choices: Any, *, jit: bool) -> Activate:
    """The activations of a network's members.

    Args:
        names: those that members have in each layer.
        choices: the number of each member's own, [L - 1, R]; the last layer has one for all.
        jit: XLA compiles what is made of this.
    """

    def apply(layer: int, values: Any) -> Any:
        functions = [keras.activations.get(name) for name in names[layer]]
        if len(functions) == 1:
            return functions[0](values)
        return (_selected if jit else _sorted)(functions, choices[layer], values)

    return apply


def _selected(functions: Sequence[Callable[[Any], Any]], choice: Any, values: Any) -> Any:
    """All of everybody, and each member's own taken: XLA makes one loop of it, and shapes stay what they are.

    What is not taken sees zeros, where all of them have a derivative; else an infinite one, times the zero that comes
    back from what was not taken, would be NaN.
    """
    taken = tf.zeros_like(values)
    for number, function in enumerate(functions):
        mine = (choice == number)[:, None, None]
        taken = tf.where(mine, function(tf.where(mine, values, 0.0)), taken)
    return taken


def _sorted(functions: Sequence[Callable[[Any], Any]], choice: Any, values: Any) -> Any:
    """Each of its own members, who are sorted out and put back: a graph goes over memory for every operation."""
    count = len(functions)
    parts = tf.dynamic_partition(values, choice, count)
    places = tf.dynamic_partition(tf.range(tf.shape(choice)[0]), choice, count)
    done = tf.dynamic_stitch(places, [function(part) for function, part in zip(functions, parts, strict=True)])
    return tf.ensure_shape(done, values.shape)
