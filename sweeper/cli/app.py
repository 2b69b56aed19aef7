"""The command line put together. Command modules import nothing heavy: start-up is a tested budget."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, final

import typer

from sweeper.cli.boundary import run_app
from sweeper.cli.commands import (
    compare,
    completion,
    config,
    data,
    doctor,
    explore,
    export,
    predict,
    rename,
    report,
    reproduce,
    results,
    rm,
    run,
    status,
    test,
    tune,
    ui,
    warm,
)
from sweeper.cli.help import SETTINGS, Command, CommandGroup
from sweeper.cli.streams import protect
from sweeper.system.python import own_process
from sweeper.system.signals import answer_early
from sweeper.version import __version__

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


_COMMANDS = CommandTable(
    {
        "Experiments": {
            "run": run.run,
            "tune": tune.tune,
            "explore": explore.explore,
            "compare": compare.compare,
            "test": test.open_split,
            "predict": predict.predict,
            "export": export.export,
            "reproduce": reproduce.reproduce,
        },
        "Results": {"results": results.results, "status": status.status, "report": report.report, "ui": ui.ui},
        "Configurations": {"config": config.config, "diff": config.diff, "init": config.init},
        "Surroundings": {
            "warm": warm.warm,
            "rename": rename.rename,
            "rm": rm.rm,
            "doctor": doctor.doctor,
            "completion": completion.completion,
            "data": data.app,
        },
    }
)


class _Root(CommandGroup):
    """The command line itself, whose commands are made one by one."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _COMMANDS})

    def described(self) -> dict[str, list[tuple[str, str]]]:
        """Names and help texts, for which no command is made."""
        return _COMMANDS.described()


app = typer.Typer(
    name="sweeper",
    cls=_Root,
    help="Hyperparameter sweeps with honest results.",
    epilog="Every command takes --json and --help; --debug anywhere shows the traceback of an error.",
    context_settings=SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    own_process()
    protect()
    answer_early()
    # A command makes a great many objects and few circles: the usual threshold spends a fifth of its time looking.
    gc.set_threshold(50_000, 20, 20)
    code = invoke(sys.argv[1:] if arguments is None else arguments)
    # The interpreter's last collection would walk through every library that was imported: a second, for nothing.
    gc.freeze()
    sys.exit(code)


def invoke(arguments: Sequence[str]) -> int:
    """Run the command line in this process; its exit code."""
    return run_app(partial(typer.main.get_command, app), arguments or ["--help"])


def _version(*, asked: bool) -> None:
    if asked:
        sys.stdout.write(f"sweeper {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(asked=value), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    del version  # its callback has ended the program
