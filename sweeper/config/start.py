"""Where a search begins: at the configuration around which it searches."""

from __future__ import annotations

from contextlib import suppress

from sweeper.config.build import build
from sweeper.config.checks import check
from sweeper.config.space import Space, Value, value_in
from sweeper.errors import InputError


def start(space: Space) -> dict[str, Value] | None:
    """The point of a space that is nearest to the configuration as it is: what is fixed, and the usual values else.

    Each dimension by itself: a number at most at an end of its range, the first option where the usual one is none.
    None where there is no such point, as of parts that the usual option of a group does not have.
    """
    with suppress(InputError, AttributeError, IndexError):
        base = check(build(dict(space.base)))
        found: dict[str, Value] = {}
        for name, domain in space.unfold(found):
            found[name] = domain.nearest(value_in(base, space, name))
        space.config(found)
        return found
    return None
