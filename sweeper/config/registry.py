"""Registries: one named row for each thing of a kind, from which choices, checks and documents are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from sweeper.config.names import nearest
from sweeper.errors import InputError


class Named(Protocol):
    """A row: anything with a name that no other row has."""

    @property
    def name(self) -> str:
        """What it is called on the command line, in files and in documents."""


Row = TypeVar("Row", bound=Named)


class Registry(Generic[Row]):
    """The rows of one kind, in the order in which they are listed.

    Args:
        kind: what a row is, for messages, such as ``"sampler"``; the key at fault, too.
        rows: each with a name of its own.

    Raises:
        ValueError: two rows have one name.
    """

    def __init__(self, kind: str, rows: Iterable[Row]) -> None:
        self.kind = kind
        found = list(rows)
        self._rows = {row.name: row for row in found}
        if len(self._rows) < len(found):
            raise ValueError(f"two rows of the registry of each {kind} have one name")

    @property
    def names(self) -> tuple[str, ...]:
        """The name of every row."""
        return tuple(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __getitem__(self, name: str) -> Row:
        """The row of that name.

        Raises:
            InputError: there is none; names the nearest.
        """
        if name not in self._rows:
            near = nearest(name, self.names)
            meant = f"; did you mean {near}?" if near else ""
            hint = f"one of {', '.join(self.names)}"
            raise InputError(f"there is no {self.kind} {name!r}{meant}", hint=hint, key=self.kind)
        return self._rows[name]
