"""A command line with something of it changed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def with_option(command: str, option: str, value: str) -> str:
    """The command with this value of an option, in place of the one that it has; empty where there is no command."""
    words, kept = _words(command), list[str]()
    skip = False
    for word in words:
        if not (skip or word == option or word.startswith(f"{option}=")):
            kept.append(word)
        skip = word == option
    return shlex.join([*kept, option, value]) if words else ""


def with_overrides(command: str, values: Mapping[str, str]) -> str:
    """The command with other ``KEY=VALUE``; an empty value takes a key out. Empty where there is no command."""
    words = _words(command)
    kept = [word for word in words if word.partition("=")[0] not in values]
    return shlex.join([*kept, *(f"{key}={value}" for key, value in values.items() if value)]) if words else ""


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # whoever gave it did not quote it
        return []
