"""A search space as it would be typed, and what tells two of them apart."""

from __future__ import annotations

import re
from typing import Any

from sweeper.config.build import SHORT, option_text, to_text
from sweeper.config.domains import Choice, Domain
from sweeper.config.schema import Config
from sweeper.config.space import WIDTH, Space

_LAYER = re.compile(r"hidden\.\d+")


def typed(space: Space) -> dict[str, str]:
    """Every key that is searched, or is not the tutorial's, as its ``VALUE`` or ``SWEEP`` would be typed."""
    plain = {key: value for part, value in space.base.items() for key, value in _flat(part, value)}
    found = {key: to_text(value) for key, value in {**plain, **space.constants}.items()}
    for name, domain in space.dimensions.items():
        found[WIDTH if _LAYER.fullmatch(name) else name] = sweep_text(domain)
    return found


def sweep_text(domain: Domain) -> str:
    """A domain as the sweep that makes it."""
    if isinstance(domain, Choice):
        options = ",".join(map(option_text, domain.options))
        return f"choice({options})" if any(option_text(one).startswith("[") for one in domain.options) else options
    if domain.log:
        return f"tag(log,interval({domain.low!r},{domain.high!r}))"
    if domain.step in {None, 1}:
        return f"interval({domain.low!r},{domain.high!r})"
    return f"range({domain.low!r},{domain.high + domain.step!r},{domain.step!r})"


def differences(one: Space, other: Space) -> dict[str, tuple[str, str]]:
    """The keys in which two spaces differ: how each of them has it, the tutorial's value where it says nothing."""
    first, second = typed(one), typed(other)
    told = {key: (first.get(key) or usual_text(key), second.get(key) or usual_text(key)) for key in {**first, **second}}
    return {key: pair for key, pair in told.items() if pair[0] != pair[1]}


def _flat(part: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(part, value)]
    return [(part if name in {"name", "size"} else f"{part}.{name}", inner) for name, inner in value.items()]


def usual_text(key: str) -> str:
    """The tutorial's value of a key as it is typed; empty where it has none, as a file has not."""
    parent, _, part = key.partition(".")
    value = getattr(Config(), parent, None)
    value = getattr(value, part or SHORT.get(parent, ""), None) if part or parent in SHORT else value
    return "" if value is None or value == "" else to_text(value)
