"""Durations and sizes as people type them: ``90s``, ``1h30m``, ``4GB``, ``512MiB``."""

from __future__ import annotations

import math
import re

from sweeper.errors import InputError

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
BYTES = {
    prefix + ending: base**power
    for power, prefix in enumerate("kmgt", start=1)
    for ending, base in (("", 1000), ("b", 1000), ("ib", 1024))
}
COUNTS = {"k": 1e3, "m": 1e6, "%": 0.01}
LARGEST = 2**63 - 1
"""What limits of the operating system can hold."""

_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_DURATION = re.compile(rf"(?:{_NUMBER}[smhd])+", re.ASCII)
_LONG = re.compile(rf"({_NUMBER}) ?(s(?=ec)|m(?=in)|h(?=our|r)|d(?=ay))[a-z]*", re.ASCII)
"""``10min``, ``2 hours``."""
_SIZE = re.compile(rf"({_NUMBER}) ?([kmgt]i?b?)", re.ASCII | re.IGNORECASE)


def duration(text: str, key: str = "") -> float:
    """Seconds of a duration such as ``90s``, ``10m`` or ``1h30m``; a number alone is seconds. `key` names the option.

    Raises:
        InputError: it is none, or not more than nothing.
    """
    full = text + "s" if re.fullmatch(_NUMBER, text, re.ASCII) else text
    parts = re.findall(rf"({_NUMBER})([smhd])", full, re.ASCII) if _DURATION.fullmatch(full) else []
    seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
    if not 0 < seconds < math.inf:
        short = _LONG.sub(r"\1\2", text.lower()).replace(" ", "")
        instead = (text, short) if short != text and _DURATION.fullmatch(short) else None
        hint = "such as 90s, 10m, 1h30m or 2d"
        raise InputError(f"{_of(key)}{text!r} is no duration", hint=hint, key=key, instead=instead)
    return seconds


def counted(text: str) -> float:
    """The number of ``50k``, ``1.5M``, ``90%`` or ``50,000``, which is at least a number and a unit."""
    bare = text.strip().lower().replace(",", "").replace("_", "")
    return float(bare.rstrip("km%")) * COUNTS.get(bare[-1:], 1.0)


def size(text: str, key: str = "") -> int:
    """Bytes of a size such as ``500MB``, ``4GB`` (of 1,000s) or ``4GiB`` (of 1,024s). `key` names the option.

    Raises:
        InputError: it is none, or not more than nothing.
    """
    parts = _SIZE.fullmatch(text)
    amount = float(parts[1]) * BYTES[parts[2].lower()] if parts else 0.0
    if not 1 <= amount < LARGEST:
        bare = (text, f"{text}GB") if re.fullmatch(_NUMBER, text, re.ASCII) else None
        hint = "such as 500MB, 4GB or 4GiB"
        raise InputError(f"{_of(key)}{text!r} is no size", hint=hint, key=key, instead=bare)
    return int(amount)


def _of(key: str) -> str:
    return f"{key}: " if key else ""
