"""What a program is made for, what it is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Optimizer

Array = npt.NDArray[np.float32]
InputDrop = Literal["none", "shared", "own"]


@dataclass(frozen=True)
class Shape:
    """All that is compiled into a program; whatever is not here is run-time data.

    Attributes:
        widths: F, the units of each layer, C.
        blank: so many features are 0 in every example, and left out.
        activations: that members have in each layer, in the order of their numbers; the last layer has one.
        members: R.
        batch: B.
        whole: a batch is the whole training part, in its own order.
        dropout: hidden units may be dropped.
        input_dropout: features may be dropped: the same ones for all members, or each member's own.
        penalty: L1 or L2 may be added.
        weighted: the losses of some classes may count for more than others.
        numbers: one number is predicted of each example, not its class.
        packed: the examples lie in memory as uint8.
        jit: compiled by XLA; otherwise TensorFlow's graph.
    """

    widths: tuple[int, ...]
    blank: int
    activations: tuple[tuple[str, ...], ...]
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
    weighted: bool = False
    numbers: bool = False

    @property
    def any_size(self) -> Shape:
        """The same with no size but the number of outputs: a graph of it serves all widths, members and batches."""
        widths = (*(0 for _ in self.widths[1:]), self.widths[-1])
        return replace(self, widths=widths, blank=min(self.blank, 1), members=0, batch=0)

    @property
    def layers(self) -> int:
        """How many have weights: one more than hidden layers."""
        return len(self.widths) - 1

    @property
    def operations(self) -> int:
        """Floating-point operations of one member's step, near enough: three products for every weight."""
        return 6 * self.batch * sum(below * above for below, above in pairwise(self.widths))

    @property
    def judged(self) -> int:
        """Examples that are judged at a time: a few hundred stay in the processor's cache."""
        return max(256, 2**18 // max(self.widths[0], self.members * max(self.widths[1:])))


@dataclass(frozen=True)
class Knobs:
    """Each member's own settings, run-time values.

    Attributes:
        dropout: rates, of the input first and then of each hidden layer, [L, R].
        l2, l1: [R].
        choices: the number of the activation in each hidden layer, [L - 1, R].
        weights: of each class in the loss, [R, C]; [R, 0] where all count alike.
    """

    dropout: Array
    l2: Array
    l1: Array
    choices: npt.NDArray[np.int32]
    weights: Array


@dataclass(frozen=True)
class BatchScores:
    """What one call came to: loss and share of right answers in each step's batch, [K, R].

    Where numbers are predicted, `accuracy` is the mean squared error instead, standardised.
    """

    loss: Array
    accuracy: Array


@dataclass(frozen=True)
class Verdict:
    """Members judged on a part of the data.

    Attributes:
        loss: the mean over the examples, [R]; NaN for a member with a weight that is not finite.
        right: which examples it has right, [N, R]; where numbers are predicted, the squared errors, standardised.
    """

    loss: Array
    right: npt.NDArray[np.bool_] | Array

    @property
    def accuracy(self) -> npt.NDArray[np.float64]:
        """The share of right answers, or the mean squared error, [R]."""
        return np.asarray(self.right.mean(axis=0))
