"""How long a configuration trains: its batch size and its steps, with the data known."""

from __future__ import annotations

import math

from sweeper.config.schema import Config


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
