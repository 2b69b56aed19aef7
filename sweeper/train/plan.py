"""What a training run will do, before it does it: where to stop and look, and how its steps are compiled."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sweeper.config.schema import Config, batch_size, epochs_between, total_steps

CAPACITY = 128
"""Most steps in one call of the compiled loop: a call is long enough to cost nothing, short enough to stop a trial."""

XLA_FROM = 1500
"""Steps from which a program is compiled by XLA rather than run as TensorFlow's graph.

Measured on one core, 784-50-30-10, batch 100: a step takes 251 us against 328 (Adam 269 against 449); compiling takes
0.9 s against 0.1 the first time, and 0.2 s from then on (see ``kept``). It hangs on the configuration and the spec
alone, never on the clock or on what ran before, so that the same trial is compiled the same way and gives the same
bits.
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps that run without a look from outside, and what is due after them.

    Attributes:
        start: steps done before it.
        stop: steps done after it.
        report: progress is due.
        validate: a validation is due.
        regular: it is due by the configuration, and not for a mark alone.
    """

    start: int
    stop: int
    report: bool
    validate: bool
    regular: bool


def stretches(config: Config, train_size: int, start: int = 0, marks: Collection[int] = ()) -> Iterator[Stretch]:
    """Cut the steps from `start` to the end where a report or a validation is due, or a call is full.

    Args:
        config: of the run.
        train_size: examples of the training split.
        start: steps that are done.
        marks: steps after which a validation is due besides.
    """
    total = total_steps(config, train_size)
    while start < total:
        besides = min((mark for mark in marks if mark > start), default=total)
        regular = min(total, _next_validation(config, train_size, start))
        validation = min(besides, regular)
        progress = min(total, _next_multiple(config.log_every, start))
        stop = min(validation, progress, start + CAPACITY)
        yield Stretch(start, stop, report=stop == progress, validate=stop == validation, regular=stop == regular)
        start = stop


def is_xla(steps: int, step: int, graph_until: int) -> bool:
    """Whether the step after `step` is XLA's.

    Args:
        steps: of the whole training.
        step: that are done.
        graph_until: steps that are a graph's in any case (``TrialSpec.graph_until``).
    """
    return steps >= XLA_FROM and step >= graph_until


def _next_validation(config: Config, train_size: int, step: int) -> int:
    """The first step after `step` that is due: the end of a pass, or of several, unless `validate_every` says it."""
    if config.validate_every:
        return _next_multiple(config.validate_every, step)
    batch, examples = batch_size(config, train_size), epochs_between(config, train_size) * train_size
    turn = step * batch // examples + 1
    return -(-turn * examples // batch)


def _next_multiple(of: int, step: int) -> int:
    return (step // of + 1) * of
