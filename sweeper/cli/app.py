"""The command line put together. Command modules import nothing heavy: start-up is a tested budget."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from sweeper.cli.boundary import guard
from sweeper.cli.commands import (
    compare,
    data,
    doctor,
    explore,
    predict,
    report,
    reproduce,
    results,
    run,
    test,
    tune,
    ui,
)
from sweeper.cli.streams import protect
from sweeper.version import __version__

app = typer.Typer(
    name="sweeper",
    help="Hyperparameter sweeps with honest results.",
    epilog="Every command takes --json; --debug anywhere shows the traceback of an error.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(run.run)
app.command()(tune.tune)
app.command()(explore.explore)
app.command("test")(test.open_split)
app.command()(predict.predict)
app.command()(compare.compare)
app.command()(report.report)
app.command()(reproduce.reproduce)
app.command()(results.results)
app.add_typer(data.app, name="data")
app.command()(ui.ui)
app.command()(doctor.doctor)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    protect()
    code = invoke(sys.argv[1:] if arguments is None else arguments)
    # The interpreter's last collection would walk through every library that was imported: a second, for nothing.
    gc.freeze()
    sys.exit(code)


def invoke(arguments: Sequence[str]) -> int:
    """Run the command line in this process; its exit code."""
    return guard(_call, arguments or ["--help"])


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
