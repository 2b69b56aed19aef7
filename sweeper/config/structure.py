"""Which trials can be trained together: those of one structure, as one program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
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


def companions(config: Config, place: Mapping[str, Any]) -> tuple[Config | None, Config | None]:
    """What to train before and beside a trial so that it has the same place in the same program again.

    Args:
        config: the trial's.
        place: that it had, as its result says.

    Returns:
        A trial of as many members as were numbered before its own, and one of those behind; None for none.
    """
    before = int(place["first"])
    after = int(place["members"]) - before - config.repeats
    like = replace(
        config,
        # Small steps: a companion that diverged would do no harm, but cost time.
        learning_rate=min(config.learning_rate, 1e-3),
        dropout=0.5 if place["dropout"] and config.hidden else 0.0,
        input_dropout=_rate(config, str(place["input_dropout"])),
        l2=1e-4 if place["penalty"] else 0.0,
        l1=0.0,
    )
    return (
        replace(like, repeats=before) if before else None,
        replace(like, repeats=after) if after else None,
    )


def _rate(config: Config, kind: str) -> float:
    """Of the input: members share their noise where they share its rate."""
    if kind != "own":
        return config.input_dropout
    return 0.5 if config.input_dropout != 0.5 else 0.25
