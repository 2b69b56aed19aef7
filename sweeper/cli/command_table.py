"""Commands by name, each made when it is asked for: one command needs no options of the twenty others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, final

import typer

from sweeper.cli.help import Command

Given = Callable[..., None] | typer.Typer
"""What a command is made of: a function, or the commands below it."""


@final
class CommandTable(Mapping[str, Any]):
    """What a group has as its commands.

    Args:
        groups: of the help; title, name, and what each is made of.
    """

    def __init__(self, groups: Mapping[str, Mapping[str, Given]]) -> None:
        self._groups = groups
        self._titles = {name: title for title, commands in groups.items() for name in commands}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The command, as typer makes it."""
        if name not in self._made:
            title = self._titles[name]
            self._made[name] = _made(name, title, self._groups[title][name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the help."""
        return iter(self._titles)

    def __len__(self) -> int:
        return len(self._titles)

    def described(self) -> dict[str, list[tuple[str, str]]]:
        """Names and help texts in the groups of the help, for which no command is made."""
        return {
            title: [(name, _help(given)) for name, given in commands.items()]
            for title, commands in self._groups.items()
        }


def _made(name: str, title: str, given: Given) -> Any:
    one = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    if isinstance(given, typer.Typer):
        one.add_typer(given, name=name, rich_help_panel=title)
    else:
        one.command(name, cls=Command, rich_help_panel=title)(given)
    return typer.main.get_group(one).commands[name]


def _help(given: Given) -> str:
    return str(given.info.help) if isinstance(given, typer.Typer) else inspect.getdoc(given) or ""
