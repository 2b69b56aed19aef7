"""``sweeper warm``: no wait for TensorFlow at the beginning of the next commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.options import Json
from sweeper.cli.render import emit, note, seconds
from sweeper.errors import InputError


def warm(
    *,
    idle: Annotated[
        float, typer.Option(min=0.1, metavar="MINUTES", help="End after so many minutes without a command.")
    ] = 15.0,
    stop: Annotated[bool, typer.Option("--stop", help="End it now; sweeps that run go on.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Show whether it runs, and what it takes.")] = False,
    as_json: Json = False,
) -> None:
    """Keep TensorFlow loaded for the next commands.

    run, tune, explore, compare, test and reproduce then begin without the seconds that its import takes. It ends by
    itself: after MINUTES without a command, at logout, or when memory is short. Nothing depends on it.
    """
    from sweeper.jobs import warm as job

    if stop and status:
        raise InputError("--stop and --status exclude each other", key="--stop")
    if stop:
        ended = job.stop()
        text = f"Ended process {ended['stopped']}." if ended["stopped"] else "No warm server was running."
        emit(ended, text, as_json=as_json)
        return
    if not status:
        note("Loading TensorFlow ...")
    document = job.status() if status else job.start(idle * 60)
    emit(document, _shown(document), as_json=as_json)


def _shown(document: dict[str, Any]) -> str:
    if not document["running"]:
        why = f" ({document['refused']})" if document.get("refused") else ""
        return f"No warm server is running{why}: sweeper warm starts one."
    users = {0: "no command uses it", 1: "1 command uses it"}.get(document["in_use"], "")
    users = users or f"{document['in_use']} commands use it"
    lines = [
        f"Warm: process {document['pid']}, {document['memory'] / 1e6:.0f} MB; {users}.",
        f"It ends {seconds(document['ends_in'])} after the last command, or by sweeper warm --stop.",
    ]
    if document["refused"]:
        lines.append(f"Commands from here do without it: it was started with {document['refused']}.")
    return "\n".join(lines)
