"""Dropout at full speed, with noise that is the same alone or in a group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.train.network import sizes
from sweeper.train.quiet import tf


def thresholds(rates: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
    """What noise a unit must reach to be kept, and what a kept unit is multiplied by, both as `rates`."""
    exact = rates.astype(np.float64)
    return np.rint(exact * 2**32).astype(np.uint32), (1.0 / (1.0 - exact)).astype(np.float32)


def drop(values: Any, key: Any, threshold: Any, scale: Any, *, shared: bool) -> Any:
    """Inverted dropout (Srivastava et al. 2014, scaled in training) of each member by its own rate.

    The noise of a unit is one number for all members, each of which compares it with its own threshold: so a
    member drops the same units in a group as alone, and of two rates the higher drops all that the lower does.

    Args:
        values: [B, I], or [R, B, I].
        key: of this step and layer.
        threshold: [R], see ``thresholds``.
        scale: [R], likewise.
        shared: all members have the same rate, and `values` [B, I] stay shared.
    """
    bits = noise(key, *sizes(values)[-2:])
    if shared:
        return values * tf.where(bits >= threshold[0], scale[0], 0.0)
    return values * tf.where(bits >= threshold[:, None, None], scale[:, None, None], 0.0)


def noise(key: Any, rows: int, units: int) -> Any:
    """32 random bits for each unit of each example, [rows, units]: ``batches.mix`` over a count.

    A hash is a few operations that fuse with the comparison. TensorFlow's own generators cost more than the rest of
    the step; Keras' Dropout under XLA makes it ten times slower.
    """
    bits = tf.bitwise.bitwise_xor(tf.cast(tf.range(rows * units), tf.uint32), key)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(shift))) * np.uint32(factor)
    return tf.reshape(tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(16))), (rows, units))
