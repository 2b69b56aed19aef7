"""Registries: one named row for each thing of a kind, from which choices, checks and documents are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from sweeper.config.names import nearest
from sweeper.errors import InputError


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
        raise InputError(f"there is no {self.kind} {name!r}{meant}", hint=hint, key=self.kind)
