"""What fills a slot: values from a sampler, a point of a grid, or one of a list of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import optuna
from optuna.distributions import BaseDistribution

from sweeper.config.schema import Config
from sweeper.config.space import Space
from sweeper.study.converters import distribution, quiet_optuna
from sweeper.study.plan import Plan, Point
from sweeper.study.search.samplers import SAMPLERS, make_sampler
from sweeper.trial import Value


@dataclass(frozen=True, slots=True)
class Drawn:
    """One trial's configuration, and where it came from."""

    values: Mapping[str, Value]
    overrides: tuple[str, ...]
    config: Config


class SlotSource:
    """What a plan fills its slots with.

    Attributes:
        limit: how many slots there can be; None where a sampler always finds more.
        given: values of the slots whose values are given (a grid's, enqueued ones), by slot.
    """

    def __init__(self, plan: Plan) -> None:
        """Lays out a grid; a sampler's values are drawn one by one."""
        self._space = plan.space
        self._points: Sequence[Point] = plan.points
        self._kinds = (
            {name: distribution(domain) for name, domain in plan.space.dimensions.items()} if plan.space else {}
        )
        self.given: dict[int, Mapping[str, Value]] = {}
        self.limit: int | None = None
        if plan.space is None:
            self.limit = len(plan.points)
        elif SAMPLERS[plan.sampler].exhaustive:
            self.given = dict(enumerate(plan.space.grid()))
            self.limit = len(self.given)

    def example(self) -> Config:
        """Some configuration, to tell the length of a run by."""
        if self._space is None:
            return self._points[0].config
        return self._space.first()

    def template(self, slot: int) -> dict[str, Any]:
        """System attributes of a new attempt at a slot, by which Optuna takes values that are given."""
        return {"fixed_params": dict(self.given[slot])} if slot in self.given else {}

    def draw(self, trial: optuna.Trial, slot: int) -> Drawn:
        """Fill an attempt; values that it has already, as a retry does, stay."""
        if self._space is None:
            point = self._points[slot]
            return Drawn(point.values, point.overrides, point.config)
        values: dict[str, Value] = {}
        for name, domain in self._space.unfold(values):
            values[name] = domain.snapped(cast(Value, trial._suggest(name, self._kinds[name])))  # noqa: SLF001
        return Drawn(values, tuple(self._space.overrides(values)), self._space.config(values))


def always_asked(space: Space | None) -> dict[str, BaseDistribution]:
    """The dimensions that every trial of the space has, whatever the values of the others."""
    if space is None:
        return {}
    conditional = {name for name in space.dimensions if _is_conditional(space, name)}
    return {name: distribution(domain) for name, domain in space.dimensions.items() if name not in conditional}


def draws(space: Space, count: int, seed: int = 0) -> list[dict[str, Value]]:
    """Points of a space that fill it evenly, without a study: by Optuna's quasi-random sampler (scrambled Sobol).

    Args:
        space: what is drawn from.
        count: how many.
        seed: of the scrambling.
    """
    with quiet_optuna():
        kinds = {name: distribution(domain) for name, domain in space.dimensions.items()}
        study = optuna.create_study(sampler=make_sampler("qmc", seed, kinds))
        return [_active(space, dict(study.ask(kinds).params)) for _ in range(count)]


def _active(space: Space, values: dict[str, Value]) -> dict[str, Value]:
    """The values that have a meaning beside the others."""
    active: dict[str, Value] = {}
    for name, domain in space.unfold(active):
        active[name] = domain.snapped(values[name])
    return active


def _is_conditional(space: Space, name: str) -> bool:
    parent, _, part = name.partition(".")
    return bool(part) and (parent in space.nodes or (parent == "hidden" and part.isdecimal()))
