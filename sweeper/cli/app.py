"""The command line put together. Command modules import nothing heavy: start-up is a tested budget."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from sweeper.cli.boundary import guard
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
from sweeper.cli.help import SETTINGS, CommandGroup, CommandTable
from sweeper.cli.streams import protect
from sweeper.system.python import own_process
from sweeper.system.signals import answer_early
from sweeper.version import __version__

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
    with guard(arguments or ["--help"], partial(typer.main.get_command, app)) as run:
        _call(run.arguments)
    return run.code


def _call(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with command.make_context("sweeper", list(arguments), obj=arguments) as context:
        command.invoke(context)


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
