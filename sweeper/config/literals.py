"""Values as text: the little of Hydra's override grammar that sweeper itself writes and reads back."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+-]*(?: [A-Za-z0-9_/.+-]+)*\Z")
_KEYWORDS: Final = ("true", "false", "null", "nan", "inf")
_BEFORE_QUOTE: Final = re.compile(r"(\\*)('|\Z)")
_NUMBER: Final = re.compile(r"[+-]?(\d|\.\d)")


def to_text(value: object) -> str:
    """A value as it is typed behind ``KEY=``, so that it reads back as the same value and type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(to_text, value))}]"
    return _quoted(str(value))


def from_text(text: str) -> object:
    """The value of what ``to_text`` made of numbers, names, booleans, null and flat lists of these."""
    if text.startswith("["):
        inside = text[1:-1]
        return [from_text(part) for part in inside.split(",")] if inside else []
    if text in {"true", "false"}:
        return text == "true"
    if text == "null":
        return None
    return _number(text) if _NUMBER.match(text) else text


def option_text(value: float | str) -> str:
    """A value of a search space as it is typed: text that stands for a list, or for true, is that list."""
    return value if isinstance(value, str) and not isinstance(from_text(value), str) else to_text(value)


def _quoted(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _KEYWORDS:
        return text
    # Hydra reads a backslash literally except before a quote, where each must be doubled.
    return "'" + _BEFORE_QUOTE.sub(lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text) + "'"


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
