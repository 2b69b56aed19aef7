"""Numbers and truth values of a YAML file that the command line reads otherwise, or not at all: they are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sweeper.errors import InputError

_WHOLE, _DIGITS = r"(0|[1-9](_?\d)*)", r"\d(_?\d)*"
_ALIKE = {
    "int": re.compile(rf"[+-]?{_WHOLE}"),
    "float": re.compile(rf"[+-]?(({_WHOLE}(\.({_DIGITS})?)?|\.{_DIGITS})(e[+-]?\d+)?|\.(inf|nan))", re.IGNORECASE),
    "bool": re.compile(r"true|false", re.IGNORECASE),
}
"""What YAML 1.1 takes for a number or a truth value, and the command line, too, with the same value."""


def check_scalars(path: Path) -> None:
    """Refuse what a person and YAML may read as two things: ``010`` (8), ``0x10`` (16), ``1:30`` (90), ``on`` (true).

    Raises:
        InputError: the first of them, with its place. What is no YAML is left to its reader.
    """
    import yaml

    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return
    for scalar in _scalars(node):
        kind = scalar.tag.rpartition(":")[2]
        if scalar.style is None and kind in _ALIKE and not _ALIKE[kind].fullmatch(scalar.value):
            meant = yaml.safe_load(scalar.value)
            raise InputError(
                f"{path}, line {scalar.start_mark.line + 1}: YAML reads {scalar.value} as {_shown(meant)}",
                hint=f"write {_shown(meant)}, or '{scalar.value}' in quotes if it is text",
                key=path.name,
            )


def default_options(path: Path) -> list[tuple[str, str]]:
    """The groups that a config names in its defaults, each with its option; none where it cannot be read."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    listed = content.get("defaults") if isinstance(content, dict) else None
    named = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [(str(group).split()[-1], str(option)) for entry in named for group, option in entry.items()]


def _scalars(node: Any) -> Iterator[Any]:
    """The scalars below a node of YAML, keys too; each node once, for an anchor may lead back to it."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one.value, str):
            yield one
        else:
            parts = [part for pair in one.value for part in (pair if isinstance(pair, tuple) else (pair,))]
            waiting += reversed(parts)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
