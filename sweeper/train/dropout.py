"""Dropout at full speed, with noise that is the same alone or in a group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.train.quiet import tf


def thresholds(rates: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
    """What noise a unit must reach to be kept, and what a kept unit is multiplied by, both as `rates`."""
    exact = rates.astype(np.float64)
    return np.rint(exact * 2**32).astype(np.uint32), (1.0 / (1.0 - exact)).astype(np.float32)


def factors(counts: Any, key: Any, threshold: Any, scale: Any, *, shared: bool) -> Any:
    """What inverted dropout multiplies units by (Srivastava et al. 2014, scaled in training): 0, or each member's own.

    The noise of a unit is one number for all members, each of which compares it with its own threshold: so a
    member drops the same units in a group as alone, and of two rates the higher drops all that the lower does.

    Args:
        counts: see ``counted``.
        key: of this step and layer.
        threshold: [R, 1, 1], see ``thresholds``.
        scale: [R, 1, 1], likewise.
        shared: all members have the same rate, and what they multiply [B, I] stays shared.

    Returns:
        [R, B, I], or [B, I] where they stay shared.
    """
    bits = noise(counts, key)
    if shared:
        threshold, scale = threshold[0], scale[0]
    return tf.where(bits >= threshold, scale, 0.0)


def counted(rows: Any, units: Any) -> Any:
    """The place of each unit of each example, [rows, units]."""
    return tf.reshape(tf.cast(tf.range(rows * units), tf.uint32), (rows, units))


def noise(counts: Any, key: Any) -> Any:
    """32 random bits for each unit of each example, as `counts`: ``batches.mix`` over a count.

    A hash is a few operations that fuse with the comparison. TensorFlow's own generators cost more than the rest of
    the step; Keras' Dropout under XLA makes it ten times slower.
    """
    bits = tf.bitwise.bitwise_xor(counts, key)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits = tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(shift))) * np.uint32(factor)
    return tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, np.uint32(16)))
