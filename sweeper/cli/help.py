"""Commands by name, and their help: options in groups, plain words for what each takes, examples."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, final

import typer
from typer.core import TyperCommand, TyperGroup

from sweeper.cli.examples import EXAMPLES
from sweeper.cli.options import ASKED, LIMITS, PLACES, SEARCH

WIDEST = 120
"""Columns, at most: longer lines are hard to read."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": WIDEST}
"""Settings of the whole command line."""

OTHER = "Options"
_ORDER = ("Arguments", ASKED, OTHER, SEARCH, LIMITS, PLACES)

LONGEST = 40
"""Characters of choices that are shown beside an option's name."""

WORDS = {int: "N", float: "X", Path: "PATH", str: "TEXT"}
"""What an option takes, by its type, where it says nothing better itself."""


class Command(TyperCommand):
    """A command whose help has groups of options, and examples."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then options group by group."""
        _write(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples."""
        super().format_epilog(ctx, formatter)
        _write_examples(ctx.command_path, formatter)


class CommandGroup(TyperGroup):
    """A command with commands below it."""

    def get_help_option(self, ctx: Any) -> Any:
        """The option, as one that was not given: unless that is said, typer asks pydantic, and loads it for that."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands, each with the first sentence of its help, and then the options."""
        for title, rows in self.described().items():
            with formatter.section(title):
                formatter.write_dl([(name, _first_sentence(text)) for name, text in rows])
        _write(self.get_params(ctx), ctx, formatter)

    def described(self) -> dict[str, list[tuple[str, str]]]:
        """Names and help texts of the commands, by the title of their group."""
        return {"Commands": [(name, made.help or "") for name, made in self.commands.items() if not made.hidden]}

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Examples, and what holds for all."""
        _write_examples(ctx.command_path, formatter)
        super().format_epilog(ctx, formatter)


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
            title: [(name, _text_of(given)) for name, given in commands.items()]
            for title, commands in self._groups.items()
        }


def _made(name: str, title: str, given: Given) -> Any:
    one = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    if isinstance(given, typer.Typer):
        one.add_typer(given, name=name, rich_help_panel=title)
    else:
        one.command(name, cls=Command, rich_help_panel=title)(given)
    return typer.main.get_group(one).commands[name]


def _text_of(given: Given) -> str:
    return str(given.info.help) if isinstance(given, typer.Typer) else inspect.getdoc(given) or ""


def _write(params: Iterable[Any], context: Any, formatter: Any) -> None:
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in params:
        if getattr(param, "hidden", False):
            continue
        is_argument = param.param_type_name == "argument"
        title = "Arguments" if is_argument else PLACES if param.name == "help" else param.rich_help_panel or OTHER
        groups.setdefault(title, []).append((_name(param), _text(param, context)))
    for title, rows in sorted(groups.items(), key=lambda group: _ORDER.index(group[0])):
        with formatter.section(title):
            formatter.write_dl(rows, col_max=28)


def _name(param: Any) -> str:
    """Its names, and what it takes."""
    if param.param_type_name == "argument":
        return str(param.metavar or param.name.upper())
    names = ", ".join(sorted(param.opts, key=len))
    if param.is_flag:
        return " / ".join([names, *param.secondary_opts])
    takes = param.metavar or WORDS.get(param.type_descriptor.annotation, "TEXT")
    return f"{names} {'NAME' if _many(param) else takes}"


def _many(param: Any) -> bool:
    """Whether an option has more choices than fit beside its name."""
    return "|" in str(param.metavar) and len(param.metavar) > LONGEST


def _text(param: Any, context: Any) -> str:
    """What it is for, with what it is if nobody says, and the environment variable that says it, too."""
    usual = param.get_default(context, call=False)
    notes = [f"one of {', '.join(param.metavar.split('|'))}"] if _many(param) else []
    if param.param_type_name == "option" and not param.is_flag and param.show_default and usual not in {None, ""}:
        notes.append(f"default: {usual}")
    if getattr(param, "envvar", None) and param.show_envvar:
        notes.append(f"or {param.envvar} of the environment")
    return " ".join([param.help or "", *([f"({'; '.join(notes)})"] if notes else [])])


def _first_sentence(text: str) -> str:
    """A whole sentence, however long: one that is cut says nothing."""
    first = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return first.partition(". ")[0].rstrip(".") + "."


def _write_examples(path: str, formatter: Any) -> None:
    found = EXAMPLES.get(path, ())
    if not found:
        return
    with formatter.section("Examples"):
        for command, what in found:
            formatter.write(f"{'':>{formatter.current_indent}}{command}\n")
            with formatter.indentation():
                formatter.write_text(what)
