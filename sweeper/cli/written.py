"""Overrides as they have to be written, where it is plain from how they were typed what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable

_OVERRIDE = re.compile(r"\s*(?P<key>[A-Za-z][\w.]*)\s*=+\s*(?P<value>\S.*?)\s*")
_WIDTHS = re.compile(r"[\[({]*\d+(?:(?:\s*[;:xX/,-]\s*|\s+)\d+)+[\])}]*")
"""Widths with one sign or blanks between two of them; a minus behind a comma is a number's own."""
_LIST = re.compile(r"\[\d+(?:,\s*\d+)*\]|\d+(?:,\d+)+")
_CALL = re.compile(r"(?P<name>[A-Za-z]\w*)\((?P<settings>(?:\s*[A-Za-z_]\w*\s*=\s*[^=,()]+,?)*)\)")
"""``Adam(lr=0.1)``, as it is written in Python."""
_NUMBER = r"-?\d*\.?\d+(?:e[+-]?\d+)?"
_FROM_TO = re.compile(rf"(?P<low>{_NUMBER})(?:-|:|~|\s+to\s+)(?P<high>{_NUMBER})", re.IGNORECASE)
"""``0.1-1``: a range, where a number is wanted."""
_NAMES = re.compile(r"[A-Za-z_]\w*(?:\s*[|;/]\s*[A-Za-z_]\w*)+")
"""``relu|tanh``."""
_COUNTS = ("steps", "batch_size", "log_every", "validate_every")
_EVERY = {"*", "all", "any"}


def written(word: str, command: str = "") -> list[str]:
    """An override as the words that have to be typed for it: without blanks around its sign, one sign alone, and so on.

    Args:
        word: as it was typed.
        command: for which; a range is a search, and ``run`` has none.
    """
    found = _OVERRIDE.fullmatch(word)
    if found is None:
        return [word]
    key, value = found["key"], found["value"]
    if "." in key and key.startswith("dataset."):  # names and paths of files may look like anything
        return [f"{key}={value}"]
    if key in {"optimizer", "init", "lr_decay"} and (call := _CALL.fullmatch(value)):
        return _called(key, call)
    for rule in _RULES:
        value = rule(key, value, command)
    return [f"{key}={value}"]


def _called(key: str, call: re.Match[str]) -> list[str]:
    """``optimizer=Adam(lr=0.1)`` as keys of their own."""
    from sweeper.config.registry import nearest
    from sweeper.config.schema import DECAYS, INITS, OPTIMIZERS

    names = {"optimizer": OPTIMIZERS, "init": INITS, "lr_decay": DECAYS}[key]
    settings = [each.partition("=") for each in call["settings"].split(",") if each.strip()]
    rate = {"lr", "learning_rate"}
    parts = [(name.strip(), value.strip()) for name, _, value in settings]
    return [
        f"{key}={nearest(call['name'], names) or call['name'].lower()}",
        *(f"{'learning_rate' if name in rate else f'{key}.{name}'}={value}" for name, value in parts),
    ]


def _widths(key: str, value: str, _: str) -> str:
    if key == "hidden" and _WIDTHS.fullmatch(value) and not _LIST.fullmatch(value):
        return f"[{','.join(re.findall(r'[0-9]+', value))}]"
    return value


def _percent(_: str, value: str, __: str) -> str:
    """``50%`` is 0.5."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value)
    return f"{float(found[1]) / 100:g}" if found else value


def _count(key: str, value: str, command: str) -> str:
    """``5k`` and, where nothing is searched, ``5,000``."""
    if key not in _COUNTS:
        return value
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*[kK]", value):
        return f"{1000 * float(found[1]):.0f}"
    return value.replace(",", "") if command == "run" and re.fullmatch(r"\d{1,3}(?:,\d{3})+", value) else value


def _range(key: str, value: str, command: str) -> str:
    found = _FROM_TO.fullmatch(value)
    searched = command in {"tune", "explore"} and key not in {"hidden", "class_weight"}
    return f"interval({found['low']},{found['high']})" if found and searched else value


def _names(_: str, value: str, __: str) -> str:
    return re.sub(r"\s*[|;/]\s*", ",", value) if _NAMES.fullmatch(value) else value


def _every(key: str, value: str, command: str) -> str:
    """``activation=*``: all that there are."""
    from sweeper.config.schema import ACTIVATIONS, DECAYS, INITS, LOSSES, OPTIMIZERS

    kinds = {"activation": ACTIVATIONS, "optimizer": OPTIMIZERS, "loss": LOSSES, "init": INITS, "lr_decay": DECAYS}
    return ",".join(kinds[key]) if value in _EVERY and key in kinds and command in {"tune", "explore"} else value


_RULES: tuple[Callable[[str, str, str], str], ...] = (_widths, _percent, _count, _range, _names, _every)
