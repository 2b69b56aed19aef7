"""Learning rates that nobody chose for their optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sweeper.config.schema import Config

RATE = "learning_rate"

USUAL = {"adam": 1e-3, "adamw": 1e-3, "nadam": 1e-3, "adamax": 1e-3, "rmsprop": 1e-3, "lion": 1e-4}
"""Optimizers that divide by the size of gradients or take their sign, so that a step moves each weight by about the
learning rate, with a usual one: Keras' default; of Lion a tenth, as Chen et al. (2023) advise."""

MUCH = 5
"""So many times the usual rate are far above it."""


def too_high(study: Iterable[Config]) -> Iterator[str]:
    """A line for people on each optimizer of which no configuration of a study has a learning rate near the usual one.

    The default rate, and those of the spaces that are shipped, suit gradient descent, whose steps are as small as its
    gradients.
    """
    rates: dict[str, set[float]] = {}
    for config in study:
        rates.setdefault(config.optimizer.name, set()).add(config.learning_rate)
    for name, usual in USUAL.items():
        found = rates.get(name, set())
        if not found or min(found) <= MUCH * usual:
            continue
        if len(found) == 1:
            yield f"a learning rate of {min(found):g} is far above the usual of {name}; try {RATE}={usual:g}"
        else:
            rather = f"{RATE}='tag(log,interval({usual / 10:g},{usual * 100:g}))'"
            yield f"learning rates from {min(found):g} on are far above the usual of {name}, {usual:g}; try {rather}"
