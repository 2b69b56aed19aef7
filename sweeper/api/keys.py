"""Config keys as keyword arguments: Python values in, the overrides that the command line takes out."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping

from sweeper.config.build import SHORT, to_text
from sweeper.config.misread import no_such_key
from sweeper.config.schema import KEYS
from sweeper.errors import InputError

_AS_IT_STANDS = ("dataset", "validation")
"""Keys whose texts are names of files and columns, in which nothing is a search."""


def read(
    given: str | Iterable[str], keys: Mapping[str, object], options: Collection[str] = (), *, own: bool = False
) -> tuple[str, ...]:
    """Overrides, ``KEY=VALUE`` each, out of texts or a mapping, and keyword arguments, which come last, and hold.

    Args:
        given: overrides as the command line takes them: a list of them, or one text.
        keys: values by key. A mapping gives the parts of a key: ``optimizer={"name": "adam", "beta_1": 0.8}``.
        options: other names that the function takes, so that a misspelt one is told from a key.
        own: whether there may be keys that only the user's config folder has.

    Raises:
        InputError: there is no such key (names the nearest), or a value that no key can have.
    """
    if isinstance(given, Mapping):
        return read((), {str(key): value for key, value in given.items()} | dict(keys), options, own=own)
    typed = _split(given) if isinstance(given, str) else _texts(given)
    return (*typed, *(text for key, value in keys.items() for text in _overrides(key, value, options, own=own)))


def _texts(given: object) -> tuple[str, ...]:
    texts = tuple(given) if isinstance(given, Iterable) else (given,)
    if all(isinstance(one, str) for one in texts):
        return texts
    hint = "give a list of texts such as ['activation=tanh'], or keyword arguments: activation='tanh'"
    raise InputError(f"overrides: {_short(given)} is neither", hint=hint, key="overrides")


def _short(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 60 else f"a {type(given).__name__}"


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(f"{text!r} cannot be read: {error}", hint="give a list, or keyword arguments") from error


def _overrides(key: str, value: object, options: Collection[str], *, own: bool) -> Iterator[str]:
    parent, _, part = key.partition(".")
    if parent not in KEYS and not own:
        raise no_such_key(key, tuple(options))
    if isinstance(value, Mapping) and key in SHORT:
        for name, inner in _named_first(value, SHORT[key]):
            yield f"{key if name == SHORT[key] and name == 'name' else f'{key}.{name}'}={_text(parent, inner)}"
    else:
        yield f"{parent if part == 'name' else key}={_text(parent, value)}"


def _named_first(value: Mapping[str, object], name: str) -> list[tuple[str, object]]:
    """The parts of a key, its kind before the keys that only this kind has."""
    return sorted(((str(part), inner) for part, inner in value.items()), key=lambda item: item[0] != name)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return to_text(value) if key in _AS_IT_STANDS else str(value)
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{to_text(name)}:{_text(key, inner)}' for name, inner in value.items())}}}"
    return to_text(_plain(key, value))


def _plain(key: str, value: object) -> object:
    """A value of NumPy or pathlib as Python's own."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    if isinstance(plain, list | tuple | range):
        return [_plain(key, item) for item in plain]
    if hasattr(plain, "__fspath__"):
        return str(plain)
    hint = f"such as {key}=0.1, {key}='tanh' or {key}=[100, 30]"
    raise InputError(f"{key}: a {type(plain).__name__} is no value of a key", hint=hint, key=key)
