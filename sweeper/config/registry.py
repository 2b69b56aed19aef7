"""Registries: one named row for each thing of a kind, and the error for a name that no row has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from sweeper.config.synonyms import SYNONYMS
from sweeper.errors import InputError

SHOWN = 40
"""Known names in a hint, at most."""
_TELLING = 3
"""Characters by which the beginning of a name is told from an accident."""


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word that is meant by `word`, or looks most like it; empty where none does."""
    from difflib import get_close_matches

    known = list(words)
    if found := meant(word, known):
        return found
    # Parts of one parent are told apart by the part: the parent would make them all look alike.
    parent = word[: word.rfind(".") + 1]
    beside = [name for name in known if name.startswith(parent)]
    if not beside:
        parent, beside = "", known
    part = word[len(parent) :]
    begun = [name for name in beside if len(part) >= _TELLING and name[len(parent) :].startswith(part)]
    near = begun[:1] or [
        parent + name for name in get_close_matches(part, [name[len(parent) :] for name in beside], n=1)
    ]
    return near[0] if near else ""


def unknown(
    what: str, word: str, words: Iterable[str], *, where: str = "", key: str = "", listed: Iterable[str] = ()
) -> InputError:
    """The error for an unknown word: names the nearest that is known, and lists them in the hint.

    Args:
        what: the kind of name, such as ``"optimizer"``.
        word: what was given.
        words: what could have been given.
        where: what to say first, such as the key that holds the word; the word itself where empty.
        key: the config key at fault.
        listed: what the hint lists, where it is not all of `words`.
    """
    known = tuple(words)
    near, named = nearest(word, known), tuple(listed) or known
    said = f"{where}: no such {what}: {word}" if where else f"{word}: no such {what}"
    more = ", ..." if len(named) > SHOWN else ""
    return InputError(
        f"{said}; did you mean {near}?" if near else said,
        hint=f"there are: {', '.join(named[:SHOWN])}{more}" if named else "",
        key=key or word,
        instead=(word, near) if near else None,
    )


def meant(word: str, known: Iterable[str]) -> str:
    """The one that is written in another way, is called so elsewhere, or has the word as its last part."""
    plain = _plain(word)
    by_writing = {_plain(name): name for name in known}
    if plain in by_writing:
        return by_writing[plain]
    called = [name for name in SYNONYMS.get(plain, ()) if name in by_writing.values()]
    last = [name for name in by_writing.values() if name.endswith(f".{word}")]
    return next(iter([*called, *last]), "")


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


class Named(Protocol):
    """A row: anything with a name that no other row has."""

    @property
    def name(self) -> str:
        """What it is called on the command line, in files and in documents."""


Row = TypeVar("Row", bound=Named)


class Registry(dict[str, Row]):
    """The rows of one kind by name, in the order in which they are listed.

    Args:
        kind: what a row is, for messages, such as ``"sampler"``; the key at fault, too.
        rows: each with a name of its own.

    Raises:
        ValueError: two rows have one name.
    """

    def __init__(self, kind: str, rows: Sequence[Row]) -> None:
        super().__init__({row.name: row for row in rows})
        self.kind = kind
        if len(self) < len(rows):
            raise ValueError(f"two rows of the registry of each {kind} have one name")

    @property
    def names(self) -> tuple[str, ...]:
        """The name of every row."""
        return tuple(self)

    def __missing__(self, name: str) -> Row:
        """Say that there is no such row.

        Raises:
            InputError: always; names the nearest.
        """
        near = nearest(name, self)
        meant = f"; did you mean {near}?" if near else ""
        hint = f"one of {', '.join(self)}"
        instead = (name, near) if near else None
        raise InputError(f"there is no {self.kind} {name!r}{meant}", hint=hint, key=self.kind, instead=instead)
