"""Which trials can be trained together: those of one structure, as one program."""

from __future__ import annotations

import json

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
