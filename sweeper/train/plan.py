"""What a training run will do, before it does it: batch size, steps, and where to stop and look."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sweeper.config.schema import Config

CAPACITY = 128
"""Most steps in one call of the compiled loop: a call is long enough to cost nothing, short enough to stop a trial."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps that run without a look from outside, and what is due after them.

    Attributes:
        start: steps done before it.
        stop: steps done after it.
        report: progress is due.
        validate: a validation is due.
    """

    start: int
    stop: int
    report: bool
    validate: bool


def batch_size(config: Config, train_size: int) -> int:
    """Examples in a step, with ``full`` resolved."""
    return train_size if config.batch_size == "full" else int(config.batch_size)


def total_steps(config: Config, train_size: int) -> int:
    """Optimizer updates of the whole run; of ``epochs`` passes, the first whole number that covers them."""
    if config.steps is not None:
        return config.steps
    assert config.epochs is not None  # checks: one of the two is given
    # 0.1 epochs of 55,000 are 55.00000000000001 batches of 100, and shall be 55.
    return max(1, math.ceil(round(config.epochs * train_size / batch_size(config, train_size), 6)))


def stretches(config: Config, train_size: int, start: int = 0) -> Iterator[Stretch]:
    """Cut the steps from `start` to the end where a report or a validation is due, or a call is full."""
    total = total_steps(config, train_size)
    while start < total:
        validation = min(total, _next_validation(config, train_size, start))
        progress = min(total, _next_multiple(config.log_every, start))
        stop = min(validation, progress, start + CAPACITY)
        yield Stretch(start, stop, report=stop == progress, validate=stop == validation)
        start = stop


def _next_validation(config: Config, train_size: int, step: int) -> int:
    """The first step after `step` that is due: the last step of a pass, unless `validate_every` says otherwise."""
    if config.validate_every:
        return _next_multiple(config.validate_every, step)
    batch = batch_size(config, train_size)
    epoch = step * batch // train_size + 1
    return -(-epoch * train_size // batch)


def _next_multiple(of: int, step: int) -> int:
    return (step // of + 1) * of
