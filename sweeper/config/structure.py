"""Which trials can be trained together: those of one structure, as one program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sweeper.config.schema import Config

RUN_TIME = ("learning_rate", "lr_decay", "dropout", "input_dropout", "l2", "l1", "init", "seed", "repeats")
"""Keys whose values are data to the compiled program: trials that differ only in these are of one structure."""


def structure(config: Config) -> str:
    """A key that is equal for two configurations if they can be one group.

    Members of a group share the data, the batches and their order, the steps, and everything that
    shapes the program (widths, activations, loss, optimizer with its own parameters).
    """
    values = config.to_dict()
    for key in RUN_TIME:
        del values[key]
    values["activation"] = config.activations
    return json.dumps(values, sort_keys=True)


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
    gone = [*places[1:], None]
    before = [_companion(config, now, _before(now) - _before(next_)) for now, next_ in zip(places, gone, strict=True)]
    behind = [
        _companion(config, now, _behind(config, now) - _behind(config, next_))
        for now, next_ in zip(places, gone, strict=True)
    ]
    return [one for one in before if one], [one for one in behind if one]


def _before(place: Mapping[str, Any] | None) -> int:
    return int(place["first"]) if place else 0


def _behind(config: Config, place: Mapping[str, Any] | None) -> int:
    return int(place["members"]) - _before(place) - config.repeats if place else 0


def _companion(config: Config, place: Mapping[str, Any], members: int) -> Companion | None:
    """Of so many members, that stays as long as the place is held and makes the program what it was."""
    if members < 1:
        return None
    like = replace(
        config,
        repeats=members,
        # Small steps: a companion that diverged would do no harm, but cost time.
        learning_rate=min(config.learning_rate, 1e-3),
        dropout=0.5 if place["dropout"] and config.hidden else 0.0,
        input_dropout=_rate(config, str(place["input_dropout"])),
        l2=1e-4 if place["penalty"] else 0.0,
        l1=0.0,
    )
    return Companion(like, int(place.get("until", 0)))


def _rate(config: Config, kind: str) -> float:
    """Of the input: members share their noise where they share its rate."""
    if kind != "own":
        return config.input_dropout
    return 0.5 if config.input_dropout != 0.5 else 0.25
