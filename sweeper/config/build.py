"""Plain values in, a typed Config out: every key known, every value of its type.

Hydra could check types against these dataclasses too, but not a union such as one number or a
list of them, and it names neither the key nor the nearest right one; this also runs where Hydra
is not loaded, once for each trial, in about a tenth of a millisecond.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from sweeper.config.literals import to_text
from sweeper.config.names import unknown
from sweeper.config.schema import DECAYS, OPTIMIZERS, Config, Dataset, Init, Validation
from sweeper.errors import InputError

SHORT = {"optimizer": "name", "lr_decay": "name", "init": "name", "dataset": "name", "validation": "size"}
"""Keys with parts, and the part that a plain value stands for: ``validation=1000`` is ``validation.size=1000``."""

_KINDS: Mapping[str, Mapping[str, type]] = {"optimizer": OPTIMIZERS, "lr_decay": DECAYS}
_PARTS: Mapping[str, type] = {"init": Init, "dataset": Dataset, "validation": Validation}


def build(values: Mapping[str, Any]) -> Config:
    """A Config out of plain values; what is not given has the tutorial's value.

    Raises:
        InputError: an unknown key (names the nearest), or a value of the wrong type.
    """
    hints = types_of(Config)
    return Config(**{key: _top(key, value, hints) for key, value in values.items()})


def kind_of(key: str, name: object) -> type:
    """The dataclass of the part `key` (such as ``optimizer``) where its name is `name`."""
    if key in _PARTS:
        return _PARTS[key]
    if not isinstance(name, str) or name not in _KINDS[key]:
        raise unknown("name", shown(name), _KINDS[key], where=key, key=key)
    return _KINDS[key][name]


@cache
def key_type(key: str) -> Any:
    """The type of a key that ``dotted_keys`` names."""
    parent, _, part = key.partition(".")
    if not part:
        return types_of(Config)[key]
    return next(types_of(kind)[part] for kind in kinds_of(parent) if part in types_of(kind))


@cache
def dotted_keys() -> tuple[str, ...]:
    """Every key that there is, with the parts of every kind, as it is typed."""
    parts = [f"{key}.{part}" for key in SHORT for kind in kinds_of(key) for part in types_of(kind)]
    return (*types_of(Config), *dict.fromkeys(part for part in parts if not part.endswith(".name")))


def kinds_of(key: str) -> tuple[type, ...]:
    """The dataclasses that a key with parts may hold."""
    return (_PARTS[key],) if key in _PARTS else tuple(dict.fromkeys(_KINDS[key].values()))


@cache
def types_of(kind: type) -> dict[str, Any]:
    """The keys of a dataclass of the schema, each with its type."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def convert(key: str, value: object, hint: Any) -> Any:
    """The value as the type `hint`: a whole float may stand for an int, an int for a float, one value for a list.

    Raises:
        InputError: the value is of another type.
    """
    if value == "???":
        raise InputError(f"{key} has no value yet (???)", hint=f"give it one: {key}=...", key=key)
    for arm in get_args(hint) if get_origin(hint) is types.UnionType else (hint,):
        made = _as(value, arm)
        if made is not _NO:
            return made
    raise InputError(f"{key}: {shown(value)} is not {described(hint)}", hint=_help(value, hint), key=key)


def _top(key: str, value: object, hints: Mapping[str, Any]) -> Any:
    return _part(key, value) if key in SHORT else convert(key, value, _hint(key, hints, ""))


def _part(key: str, value: object) -> Any:
    if not isinstance(value, Mapping):
        value = {SHORT[key]: value}
    kind = kind_of(key, value.get("name", "sgd" if key == "optimizer" else "none"))
    hints = types_of(kind)
    where = f"{key}={value['name']}" if key in _KINDS and "name" in value else key
    return kind(
        **{name: convert(f"{key}.{name}", part, _hint(name, hints, key, where)) for name, part in value.items()}
    )


def _hint(name: object, hints: Mapping[str, Any], parent: str, where: str = "") -> Any:
    if name in hints:
        return hints[str(name)]
    if not parent:
        raise unknown("key", str(name), hints)
    known = [f"{parent}.{part}" for part in hints if part != "name"]
    raise unknown(f"key of {where}", f"{parent}.{name}", known)


_NO = object()


def _as(value: object, arm: Any) -> Any:
    """The value as one plain type or list of it, or ``_NO``."""
    if get_origin(arm) is tuple:
        return _as_tuple(value, get_args(arm)[0])
    if arm is types.NoneType:
        return None if value is None else _NO
    if arm is bool or isinstance(value, bool):
        return value if arm is bool and isinstance(value, bool) else _NO
    if arm is float and isinstance(value, int | float):
        return _as_float(value)
    if arm is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, arm) else _NO


def _as_tuple(value: object, item: Any) -> Any:
    if isinstance(value, list | tuple):
        made = tuple(_as(part, item) for part in value)
        return _NO if _NO in made else made
    # One width stands for one hidden layer, one name for a list of it; one rate is matched by its own arm before.
    single = _as(value, item) if item in {int, str} else _NO
    return _NO if single is _NO else (single,)


def _as_float(value: float) -> Any:
    try:
        return float(value)
    except OverflowError:
        return _NO


def shown(value: object) -> str:
    """A value in a message, in one line that is not too long."""
    text = "null" if value is None else str(dict(value)) if isinstance(value, Mapping) else to_text(value)
    return text if len(text) <= 60 else text[:57] + "..."


_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", types.NoneType: "null"}
_MANY = {int: "a list of whole numbers", float: "a list of numbers", str: "a list of names"}


def described(hint: Any) -> str:
    """A type of the schema in words."""
    arms = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
    return " or ".join(_MANY[get_args(arm)[0]] if get_origin(arm) is tuple else _WORDS[arm] for arm in arms)


def _help(value: object, hint: Any) -> str:
    if hint is str and isinstance(value, int | float):
        return f"to give it as text, quote it inside and out: \"'{to_text(value)}'\""
    if get_origin(hint) is tuple:
        return "write it as [100,30], or [] for none"
    return ""
