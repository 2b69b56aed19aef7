"""How long a question may take, before and while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeper.config.checks import parameters
from sweeper.config.schema import Config
from sweeper.questions.ask.prepare import Condition, Prepared

OVERHEAD = 0.2
"""Seconds of one core for a trial besides its steps: judging, saving, compiling at times."""

STEP = 1.2e-4
"""Seconds of one core for a step of one member, however small the network: measured, 784-50-30-10, in a group."""

OPERATION = 2.5e-11
"""Seconds of one core for each operation of a step's matrix products: measured, likewise."""


@dataclass(frozen=True)
class Forecast:
    """Trials and the seconds of one core that each may take.

    Attributes:
        costs: of one trial, by condition and phase.
        order: of all trials, in the order in which they are asked.
    """

    costs: Mapping[tuple[str, str], float]
    order: Sequence[float]

    @property
    def trials(self) -> int:
        """How many there will be."""
        return len(self.order)

    @property
    def total(self) -> float:
        """The cost of all trials."""
        return sum(self.order)


def forecast(prepared: Prepared, sizes: Mapping[str, int]) -> Forecast:
    """Good to a factor of two or so: it depends on the machine, and on what is trained together."""
    question, costs = prepared.question, {}
    repeats = 0 if question.candidates else question.repeats
    for condition in prepared.conditions:
        one = _seconds(condition, sizes)
        members = 1 if question.candidates else question.search_repeats
        costs[condition.name, "search"] = OVERHEAD + members * one
        costs[condition.name, "repeat"] = OVERHEAD + one
    counts = (("search", len(prepared.draws)), ("repeat", repeats))
    order = [costs[c.name, phase] for phase, count in counts for c in prepared.conditions for _ in range(count)]
    return Forecast(costs, order)


def _seconds(condition: Condition, sizes: Mapping[str, int]) -> float:
    """What the steps of one member take, in seconds of one worker."""
    config = condition.config
    train = config.dataset.train_size or sizes["train"]
    batch = train if config.batch_size == "full" else int(config.batch_size)
    # Forward, and backward twice as much: two operations each, for every weight and example; each fold has its own.
    return (
        max(1, config.validation.folds)
        * _steps(config, train, batch)
        * (STEP + OPERATION * 6 * parameters(config) * batch)
    )


def _steps(config: Config, train: int, batch: int) -> float:
    return float(config.steps) if config.steps is not None else float(config.epochs or 0) * train / batch
