"""What a pruner counts training in, equal for all trials of a study, and when each trial is compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sweeper.config.length import batch_size, total_steps
from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.study.plan import Plan
from sweeper.study.search.pruners import PRUNERS

KEY = "resource"
"""Of it among what a study is bound to; one that was begun before there was any is pruned by its validations' steps."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The unit that a pruner counts in: that of the budget which all trials were given.

    Attributes:
        unit: ``steps`` where the budget is so many steps; ``examples`` seen where it is passes over the data.
        whole: the longest run of the study, in that unit.
        train_size: examples of the training split.
    """

    unit: Literal["steps", "examples"]
    whole: int
    train_size: int

    @classmethod
    def of(cls, plan: Plan) -> Resource:
        """That of a new study."""
        size, configs = train_size(plan), list(_configs(plan))
        if all(config.steps is not None for config in configs):
            return cls("steps", max(total_steps(config, size) for config in configs), size)
        seen = [math.ceil(_share(config) * _examples(config, size)) for config in configs]
        return cls("examples", max(seen), size)

    def marks(self, pruner: str) -> tuple[int, ...]:
        """Where trials are compared, in this unit."""
        return PRUNERS[pruner].marks(self.whole)

    def due(self, pruner: str, config: Config) -> dict[int, int]:
        """The steps of a trial that are its first at or beyond a mark, each with that mark; none at its end."""
        batch = 1 if self.unit == "steps" else batch_size(config, self.train_size)
        steps = {max(1, math.ceil(mark / batch)): mark for mark in self.marks(pruner)}
        return {step: mark for step, mark in steps.items() if step < total_steps(config, self.train_size)}

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def kept(facts: Mapping[str, Any]) -> Resource | None:
    """That of a study, by what it is bound to; None where it has none."""
    value = facts.get(KEY)
    return Resource(**value) if value else None


def train_size(plan: Plan) -> int:
    """Examples of the training split; 1 where they are not known."""
    return int(plan.data.get("sizes", {}).get("train", 0)) or 1


def _configs(plan: Plan) -> Iterator[Config]:
    """The points, or the corners of the space whose values go together."""
    if plan.space is None:
        yield from (point.config for point in plan.points)
        return
    first = plan.space.example()
    yield first
    for corner in plan.space.corners():
        try:
            yield plan.space.config(corner)
        except InputError:
            continue


def _share(config: Config) -> float:
    """Passes over the data, or 1 where the budget is in steps."""
    return 1.0 if config.epochs is None else config.epochs


def _examples(config: Config, size: int) -> int:
    """Examples of one pass, or of all steps where the budget is in steps."""
    return size if config.steps is None else config.steps * batch_size(config, size)
