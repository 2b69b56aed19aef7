"""Where a search begins: at the configuration around which it searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from sweeper.config.build import build
from sweeper.config.schema import Config
from sweeper.config.space import Space, Value, value_in
from sweeper.errors import InputError


def start(space: Space) -> dict[str, Value] | None:
    """The point of a space that is nearest to the configuration as it is: what is fixed, and the usual values else.

    Each dimension by itself: a number at most at an end of its range, the first option where the usual one is none; a
    part of a searched group as the option has it that was chosen before. None where these do not go together.
    """

    def around(chosen: Mapping[str, Value]) -> Config:  # unchecked, as more is to come
        return build(dict(space.base) | {group: space.node(group, chosen) for group in space.nodes if group in chosen})

    return _nearest(space, around)


def nearest(space: Space, config: Config) -> dict[str, Value] | None:
    """The point of a space that is nearest to a configuration, by the rule of ``start``; None where there is none."""
    return _nearest(space, lambda _: config)


def _nearest(space: Space, around: Callable[[Mapping[str, Value]], Config]) -> dict[str, Value] | None:
    with suppress(InputError, AttributeError, IndexError):
        found: dict[str, Value] = {}
        for name, domain in space.unfold(found):
            found[name] = domain.nearest(value_in(around(found), space, name))
        space.config(found)
        return found
    return None
