"""Ends of a space at which better values may lie beyond."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from sweeper.config.build import build
from sweeper.config.checks import check
from sweeper.config.domains import NEAR, Choice, Float, Int, Value
from sweeper.config.space import Space, value_in
from sweeper.errors import InputError


def edges(space: Space, values: Mapping[str, Value]) -> list[str]:
    """The dimensions whose value lies at an end of its range, and whose key goes on beyond it."""
    return [
        name for name, value in values.items() if space.dimensions[name].near_edge(value) and _more(space, values, name)
    ]


def _more(space: Space, values: Mapping[str, Value], name: str) -> bool:
    domain, value = space.dimensions[name], values[name]
    if isinstance(domain, Choice) or _stands_for_zero(space, domain, name, value):
        return False
    if name.startswith("hidden."):
        return True  # deeper or wider, where other values may be missing
    try:
        check(build(space.plain({**values, name: _beyond(domain, value)})))
    except InputError:
        return False
    return True


def _stands_for_zero(space: Space, domain: Float | Int, name: str, value: Value) -> bool:
    """Whether it is the low end of a log scale of a key that is usually 0: there a search begins, as good as at 0."""
    with suppress(AttributeError, IndexError):
        return domain.log and value == domain.low and value_in(build(dict(space.base)), space, name) == 0
    return False


def _beyond(domain: Float | Int, value: Value) -> Value:
    """A value beyond the nearer end: by a step, or by as much as counts as near to it."""
    number, low, high = float(value), domain.low, domain.high
    upper = number * number > low * high if domain.log else number - low > high - number
    if isinstance(domain, Int):
        return high + domain.step if upper else low - domain.step
    if domain.log:
        factor: float = (high / low) ** NEAR
        return high * factor if upper else low / factor
    more = domain.step or NEAR * (high - low)
    return high + more if upper else low - more
