"""What fills a slot: values from a sampler, a point of a grid, or one of a list of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Domain, Float, Space
from sweeper.study.plan import Plan, Point, Value
from sweeper.study.search.samplers import SAMPLERS


@dataclass(frozen=True, slots=True)
class Drawn:
    """One trial's configuration, and where it came from."""

    values: Mapping[str, Value]
    overrides: tuple[str, ...]
    config: Config


class Source:
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
        return self._space.config(self._space.ask(lambda _, domain: domain.points[0]))

    def template(self, slot: int) -> dict[str, Any]:
        """System attributes of a new attempt at a slot, by which Optuna takes values that are given."""
        return {"fixed_params": dict(self.given[slot])} if slot in self.given else {}

    def draw(self, trial: optuna.Trial, slot: int) -> Drawn:
        """Fill an attempt; values that it has already, as a retry does, stay."""
        if self._space is None:
            point = self._points[slot]
            return Drawn(point.values, point.overrides, point.config)
        values = self._space.ask(lambda name, _: cast(Value, trial._suggest(name, self._kinds[name])))  # noqa: SLF001
        return Drawn(values, tuple(self._space.overrides(values)), self._space.config(values))


def distribution(domain: Domain) -> BaseDistribution:
    """A dimension's domain in Optuna's terms."""
    if isinstance(domain, Choice):
        return CategoricalDistribution(domain.options)
    if isinstance(domain, Float):
        return FloatDistribution(domain.low, domain.high, log=domain.log, step=domain.step)
    return IntDistribution(domain.low, domain.high, log=domain.log, step=domain.step)


def always_asked(space: Space | None) -> dict[str, BaseDistribution]:
    """The dimensions that every trial of the space has, whatever the values of the others."""
    if space is None:
        return {}
    conditional = {name for name in space.dimensions if _is_conditional(space, name)}
    return {name: distribution(domain) for name, domain in space.dimensions.items() if name not in conditional}


def _is_conditional(space: Space, name: str) -> bool:
    parent, _, part = name.partition(".")
    return bool(part) and (parent in space.nodes or (parent == "hidden" and part.isdecimal()))
