"""A Config out of plain values, and back: as the overrides, and the command, that make it again.

Hydra could check types against these dataclasses too, but not a union such as one number or a list of them, and it
names neither the key nor the nearest right one; ``build`` also runs where Hydra is not loaded, once for each trial, in
about a tenth of a millisecond. Of Hydra's grammar this knows the little that sweeper itself writes and reads back.
"""

from __future__ import annotations

import re
import shlex
import types
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints

from sweeper.config.registry import meant, unknown
from sweeper.config.schema import DECAYS, OPTIMIZERS, Config, Dataset, Init, Validation
from sweeper.config.weights import as_text
from sweeper.errors import InputError

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+-]*(?: [A-Za-z0-9_/.+-]+)*\Z")
_KEYWORDS: Final = ("true", "false", "null", "nan", "inf")
_BEFORE_QUOTE: Final = re.compile(r"(\\*)('|\Z)")
_NUMBER: Final = re.compile(r"[+-]?(\d|\.\d)")


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
    message = f"{key}: {shown(value)} is not {described(hint)}"
    raise InputError(message, hint=_help(value, hint), key=key, instead=_search(value, hint))


def _search(value: object, hint: Any) -> tuple[str, str] | None:
    """A list where one value, or one list, is needed: a search is written without its brackets."""
    nested = isinstance(value, list) and any(isinstance(part, list) for part in value)
    if not isinstance(value, list) or len(value) < 2 or ("list" in described(hint) and not nested):
        return None
    typed = ",".join(map(to_text, value))
    return f"[{typed}]", f"choice({typed})" if nested else typed


def _top(key: str, value: object, hints: Mapping[str, Any]) -> Any:
    if key == "class_weight" and isinstance(value, Mapping):
        value = as_text(value)
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
    raise no_such_part(f"{parent}.{name}", hints, where)


def no_such_part(key: str, has: Iterable[str], where: str) -> InputError:
    """The error for a part, such as ``optimizer.momentum``, that `where` has not; names who has it."""
    group, _, part = key.partition(".")
    error = unknown(f"key of {where}", key, [f"{group}.{one}" for one in has if one != "name"])
    others = [name for name, kind in _KINDS.get(group, {}).items() if part in types_of(kind)]
    if others:
        message = f"{key}: no such key of {where}; {', '.join(others)} {'has' if len(others) == 1 else 'have'} it"
        chosen = f"{group}={others[0]}"
        return InputError(message, hint=chosen, key=key, instead=(key, f"{chosen} {key}"))
    if error.instead is None and (own := meant(part, types_of(Config))):
        return InputError(f"{error.message}; did you mean {own}?", hint=error.hint, key=key, instead=(key, own))
    return error


_NO = object()


def _as(value: object, arm: Any) -> Any:
    """The value as one plain type or list of it, or ``_NO``."""
    if get_origin(arm) is tuple:
        return _as_tuple(value, get_args(arm)[0])
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
