"""Which trials can be trained together: those of one structure, as one program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sweeper.config.schema import Config, Optimizer
from sweeper.config.weights import BALANCED, NONE

RUN_TIME = (
    "activation",
    "learning_rate",
    "lr_decay",
    "dropout",
    "input_dropout",
    "l2",
    "l1",
    "init",
    "seed",
    "repeats",
    "stop_after",
    "class_weight",
    "metrics",
)
"""Keys whose values are data to the compiled program: trials that differ only in these are of one structure."""


def structure(config: Config) -> str:
    """A key that is equal for two configurations if they can be one group.

    Members of a group share the data, the batches and their order, the steps, and everything that
    shapes the program (widths, output activation, loss, optimizer with its own parameters). The activations of the
    hidden layers are each member's own choice out of those that the group has.
    """
    values = config.to_dict()
    for key in RUN_TIME:
        values.pop(key, None)
    return json.dumps(values, sort_keys=True)


def serves_all_widths(optimizer: Optimizer, *, l1: bool) -> bool:
    """Whether one graph trains every structure of as many layers (``train.graphs``), as cheaply as its own would.

    That is so of plain gradient descent, whose whole state is the weights. Where sizes are known, TensorFlow orders the
    sums and products of L1 and of clipping another way, and results would differ in their last bits.

    Args:
        optimizer: of the configuration.
        l1: some member has an L1 penalty.
    """
    return optimizer.name == "sgd" and not optimizer.clipnorm and not l1


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody to train beside a trial, for the place that it gives it.

    Attributes:
        until: stops after so many steps; 0 to go all the way.
    """

    config: Config
    until: int


def companions(config: Config, place: Mapping[str, Any]) -> tuple[list[Companion], list[Companion]]:
    """What to train before and behind a trial so that it has the same places in the same programs again.

    Args:
        config: the trial's.
        place: that it had, as its result says, with those that it had before.
    """
    places = [*place.get("earlier", ()), place]
    before: list[Companion] = []
    behind: list[Companion] = []
    for now, later in zip(places, [*places[1:], None], strict=True):
        missing = _missing(config, now, later)
        leading = _before(now) - _before(later)
        before += _companions(config, now, leading, missing[:leading])
        behind += _companions(config, now, _behind(config, now) - _behind(config, later), missing[leading:])
    return before, behind


def graph_steps(place: Mapping[str, Any], steps: int) -> int:
    """Steps of a trial that were a graph's, though its program was XLA's in the end, or would have been.

    Args:
        place: that it had, as its result says.
        steps: that it did.
    """
    if not place.get("jit", True):
        return steps
    return max((int(one["until"]) for one in place.get("earlier", ()) if not one.get("jit", True)), default=0)


def _before(place: Mapping[str, Any] | None) -> int:
    return int(place["first"]) if place else 0


def _behind(config: Config, place: Mapping[str, Any] | None) -> int:
    return int(place["members"]) - _before(place) - config.repeats if place else 0


def _missing(config: Config, now: Mapping[str, Any], later: Mapping[str, Any] | None) -> list[tuple[str, ...]]:
    """The hidden layers' activations of those who left after a place, that nobody had afterwards."""
    own = config.activations
    alone = [[name] for name in own]
    afterwards = later.get("activations", alone) if later else alone
    gone = [
        sorted(set(names) - set(left))
        for names, left in zip(now.get("activations", afterwards), afterwards, strict=True)
    ]
    return [
        tuple(names[n] if n < len(names) else mine for names, mine in zip(gone, own, strict=True))
        for n in range(max(map(len, gone), default=0))
    ]


def _companions(
    config: Config, place: Mapping[str, Any], members: int, activations: Sequence[tuple[str, ...]]
) -> list[Companion]:
    """So many members that stay as long as the place is held, some with activations of their own."""
    rest = members - len(activations)
    own = [_companion(replace(config, activation=names), place, 1) for names in activations]
    return own + ([_companion(config, place, rest)] if rest > 0 else [])


def _companion(config: Config, place: Mapping[str, Any], members: int) -> Companion:
    """A companion of so many members that makes the program what it was."""
    like = replace(
        config,
        repeats=members,
        # Small steps: a companion that diverged would do no harm, but cost time.
        learning_rate=min(config.learning_rate, 1e-3),
        dropout=0.5 if place["dropout"] and config.hidden else 0.0,
        input_dropout=_rate(config, str(place["input_dropout"])),
        l2=1e-4 if place["penalty"] else 0.0,
        l1=0.0,
        stop_after=0,
        class_weight=BALANCED if place.get("weighted") else NONE,
        metrics=(),
    )
    return Companion(like, int(place.get("until", 0)))


def _rate(config: Config, kind: str) -> float:
    """The dropout of a companion's input: members share their noise where they share its rate."""
    if kind != "own":
        return config.input_dropout
    return 0.5 if config.input_dropout != 0.5 else 0.25
