"""Overrides as text, read by Hydra's grammar into plain values and sweeps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.config.domains import Sweep
from sweeper.config.weights import as_text, in_quotes
from sweeper.errors import InputError

_EVALUATING = re.compile(r"^\w+ while evaluating '.*': ")
_FUNCTION = re.compile(r"(?P<name>\w+)\((?P<ends>[^()]*)\)")
_RANGES = {
    **dict.fromkeys(("log", "loguniform", "log_uniform", "reciprocal", "logspace"), "tag(log,interval({}))"),
    **dict.fromkeys(("uniform", "quniform", "linspace", "between", "float_range"), "interval({})"),
    **dict.fromkeys(("randint", "int_range", "integers"), "int(interval({}))"),
    **dict.fromkeys(("categorical", "choices", "one_of", "grid"), "choice({})"),
}
"""Ranges by what other tools call them."""
_DOTS = re.compile(r"(?P<low>-?[\d.]*\d(e-?\d+)?)\.\.\.?(?P<high>-?\d[\d.]*(e-?\d+)?)")
"""``0.1..1``."""
_ENDS = re.compile(r"\((-?[\d.]+(?:e-?\d+)?), ?(-?[\d.]+(?:e-?\d+)?)\)")
"""``(0.1,1)``, as Python's libraries write the ends of a range."""
_ONE_END = re.compile(r"interval\(([\d.]+(?:e-?\d+)?)\)")
_FREE_TEXT = ("dataset.path", "dataset.target")


@dataclass(frozen=True, slots=True)
class Override:
    """One ``KEY=VALUE`` as it was typed; its value is plain, or a ``Sweep``; `origin` is the file that it is from."""

    key: str
    value: object
    text: str
    origin: str = ""


def types(overrides: Sequence[str], key: str) -> bool:
    """Whether any of the overrides is for this key."""
    return any(text.partition("=")[0].strip() == key for text in overrides)


def untyped(overrides: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Those of some keys that none of the overrides is for."""
    return tuple(key for key in keys if not types(overrides, key))


def parse(overrides: Sequence[str]) -> list[Override]:
    """Read overrides; whether their keys exist is not looked at.

    Raises:
        InputError: the text cannot be read, or would add or delete a key.
    """
    return [_parse(text) for text in overrides]


def _parse(text: str) -> Override:
    key, equals, _ = text.partition("=")
    if text[:1] in {"+", "~"}:
        hint = f"give a key its value: {text.lstrip('+~')}" if equals else "leave it out"
        raise InputError(f"{text}: keys cannot be added or deleted", hint=hint, key=key.lstrip("+~"))
    if not equals or not key:
        raise InputError(f"{text or 'an empty argument'} is not KEY=VALUE", hint="such as activation=tanh", key=text)
    parsed = _read(text, key)
    if parsed.package is not None:
        raise InputError(f"{text}: a group's place cannot be changed", hint=f"{parsed.key_or_group}=...", key=key)
    value = parsed.value()
    if isinstance(value, str) and (dots := _DOTS.fullmatch(value)):
        meant = f"{key}=interval({dots['low']},{dots['high']})"
        raise InputError(f"{text}: a range is written interval(LOW,HIGH)", hint=meant, key=key, instead=(text, meant))
    return Override(parsed.key_or_group, _sweep(key, value) or _plain(key, value), text)


def _read(text: str, key: str) -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    try:
        return OverridesParser.create().parse_override(text)
    except Exception as error:  # functions in the grammar raise whatever Python does
        quoted = f"{key}={in_quotes(text.partition('=')[2])}" if key == "class_weight" else text
        if quoted != text:  # names of classes may be in any script, which braces do not take
            return _read(quoted, key)
        message = f"{text} cannot be read{_where(text, error)}"
        raise InputError(message, hint=_quoting(text), key=key, instead=_meant(text)) from error


def _sweep(key: str, value: Any) -> Sweep | None:
    from hydra.core.override_parser.types import ChoiceSweep, Glob, IntervalSweep, RangeSweep

    if isinstance(value, Glob):
        return Sweep("glob")
    if isinstance(value, ChoiceSweep):
        items = tuple(_plain(key, item) for item in value.list)
        return Sweep("choice", items, tags=frozenset(value.tags), shuffle=value.shuffle)
    if isinstance(value, RangeSweep):
        bounds = (_number(key, value.start), _number(key, value.stop), _number(key, value.step))
        return Sweep("range", bounds=bounds, tags=frozenset(value.tags), shuffle=value.shuffle)
    if isinstance(value, IntervalSweep):
        return Sweep(
            "interval", bounds=(_number(key, value.start), _number(key, value.end), 1), tags=frozenset(value.tags)
        )
    return None


def _plain(key: str, value: Any) -> object:
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [_plain(key, item) for item in value]
    if isinstance(value, dict):
        plain: dict[object, object] = {str(_plain(key, name)): _plain(key, item) for name, item in value.items()}
        return as_text(plain) if key == "class_weight" else plain
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise InputError(
        f"{key}: a search cannot be inside a value", hint="name whole values: choice([50],[100,30])", key=key
    )


def _number(key: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise InputError(f"{key}: {value} is not a number", hint="such as interval(0.01,1)", key=key)


def _meant(text: str) -> tuple[str, str] | None:
    """The same as it may have been meant: with its last bracket, or a range as other tools write it."""
    key, _, value = text.partition("=")
    found = _FUNCTION.fullmatch(value)
    if found and found["name"] in _RANGES:
        return text, f"{key}={_RANGES[found['name']].format(found['ends'])}"
    if ends := _ENDS.fullmatch(value):
        return text, f"{key}=interval({ends[1]},{ends[2]})"
    if one := _ONE_END.fullmatch(value):
        return text, f"{key}=interval({float(one[1]) / 10:g},{one[1]})"
    missing = "".join(end * (value.count(begin) - value.count(end)) for begin, end in ("[]", "()"))
    return (text, text + missing) if missing else None


def _where(text: str, error: BaseException) -> str:
    """What Hydra says, and where in the text; ANTLR keeps the place on the cause of its error."""
    cause = error.__cause__
    token = getattr(cause, "offendingToken", None)
    place = getattr(cause, "startIndex", getattr(token, "start", None))
    if isinstance(place, int) and 0 <= place < len(text):
        return f" from character {place + 1} on: {text[place:][:20]}"
    line = " ".join(_EVALUATING.sub("", str(error)).split())
    return f": {line[:200]}" if line and place is None else ": it ends too early"


def _quoting(text: str) -> str:
    key, _, value = text.partition("=")
    if key in _FREE_TEXT:
        return f"quote text with special characters inside and out: \"{key}='{value}'\""
    return "a value is such as 0.1, tanh or [100,30]; a search such as relu,tanh or interval(0.01,1)"
