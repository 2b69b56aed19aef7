"""Weights of classes in the loss, as they are typed: ``none``, ``balanced``, or names with their weights."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from sweeper.errors import InputError

NONE, BALANCED = "none", "balanced"
_PAIR = re.compile(r"\s*(?P<name>.+?)\s*:\s*(?P<weight>[^:,\s]+)\s*(?:,|$)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_QUOTED_NAME = re.compile(r"""(['"])(.+?)\1\s*:""")
_HINT = "class_weight=balanced, or such as class_weight={fraud:5,other:1}"
_LARGEST = 1e30


def as_text(value: Mapping[object, object]) -> str:
    """A mapping of class names to weights as the text that a configuration keeps: ``fraud:5``."""
    return ",".join(f"{name}:{weight}" for name, weight in value.items())


def in_quotes(value: str) -> str:
    """What is typed behind ``class_weight=``, each ``{größe:5}`` as ``'größe:5'``: Hydra's braces take ASCII alone."""
    return _BRACES.sub(lambda braces: "'" + _QUOTED_NAME.sub(r"\2:", braces[1]).replace("'", "\\'") + "'", value)


def class_weights(text: str) -> dict[str, float]:
    """The weights by class name of a text such as ``fraud:5,other:1``; none for ``none`` and ``balanced``.

    Raises:
        InputError: it is no such text, or a weight is no number from 0.
    """
    if text in {NONE, BALANCED}:
        return {}
    found: dict[str, float] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            raise InputError(f"class_weight: {text} names no weights of classes", hint=_HINT, key="class_weight")
        weight = _number(pair["weight"])
        if weight is None or pair["name"] in found:
            wrong = f"is {pair['weight']}, not a number from 0" if weight is None else "is given twice"
            raise InputError(f"class_weight: the weight of '{pair['name']}' {wrong}", hint=_HINT, key="class_weight")
        found[pair["name"]] = weight
        at = pair.end()
    if not any(found.values()):
        raise InputError(f"class_weight: {text or 'an empty text'} leaves no class", hint=_HINT, key="class_weight")
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= _LARGEST else None
