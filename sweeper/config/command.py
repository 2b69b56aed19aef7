"""A Config back as the overrides that make it: what is typed to run it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from sweeper.config.build import SHORT
from sweeper.config.literals import to_text
from sweeper.config.schema import Config


def resolve(config: Config) -> list[str]:
    """The fewest overrides of the tutorial's run that make this configuration, one ``KEY=VALUE`` each.

    They need no folder of the user's: what a preset there says is spelled out.
    """
    changed = minimal(config)
    if changed.get("epochs") is not None:
        del changed["steps"]  # `epochs=3` alone takes the steps' place
    made = []
    for key, value in changed.items():
        made += _parts(key, value) if isinstance(value, dict) else [f"{key}={to_text(value)}"]
    return made


def command(config: Config, verb: str = "run") -> str:
    """The command line that runs this configuration, quoted for a shell."""
    return shlex.join(["sweeper", verb, *resolve(config)])


def minimal(config: Config) -> dict[str, Any]:
    """Plain values that differ from the tutorial's, from which ``build`` makes an equal Config."""
    own = {f.name: getattr(config, f.name) for f in fields(Config)}
    plain = {key: changed(value) if key in SHORT else value for key, value in own.items()}
    usual = _usual()
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in plain.items() if value != usual[key]
    }


@cache
def _usual() -> dict[str, Any]:
    tutorial = Config()
    return {key: changed(getattr(tutorial, key)) if key in SHORT else getattr(tutorial, key) for key in _keys()}


def _keys() -> tuple[str, ...]:
    return tuple(f.name for f in fields(Config))


def changed(part: Any) -> dict[str, Any]:
    """The name of a part (the optimizer, say), where it has one, and what differs from that kind's defaults."""
    named = {"name": part.name} if hasattr(part, "name") else {}
    usual = type(part)(**named)
    return named | {
        f.name: getattr(part, f.name) for f in fields(part) if getattr(part, f.name) != getattr(usual, f.name)
    }


def _parts(key: str, part: Mapping[str, Any]) -> list[str]:
    chosen = [f"{key}={part['name']}"] if "name" in part and part["name"] != _usual()[key]["name"] else []
    return [*chosen, *(f"{key}.{name}={to_text(value)}" for name, value in part.items() if name != "name")]
