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
    """Keep TensorFlow and what else commands import loaded for the next ones.

    run, tune, explore, compare, test and reproduce then begin without the seconds that imports take, and two workers
    of the last one stay, with their data and compiled programs. It ends by itself: after MINUTES without a command, at
    logout, or when memory is short. Nothing depends on it.
    """
    from sweeper.jobs import warm as job

    if stop and status:
        raise InputError("--stop and --status exclude each other", key="--stop")
    if stop:
        ended = job.stop()
        pids = " and ".join(str(pid) for pid in ended.values() if pid)
        text = f"Ended process {pids}." if pids else "No warm server was running."
        emit(ended, text, as_json=as_json)
        return
    if not status:
        note("Loading TensorFlow and the rest ...")
    document = job.status() if status else job.start(idle * 60)
    emit(document, _shown(document), as_json=as_json)


def _shown(document: dict[str, Any]) -> str:
    both = {"workers": document, "commands": document["commands"]}
    running = {name: one for name, one in both.items() if one["running"]}
    if not running:
        why = f" ({document['refused']})" if document.get("refused") else ""
        return f"No warm server is running{why}: sweeper warm starts one."
    lines = [
        *(f"Warm for {name}: process {one['pid']}, {one['memory'] / 1e6:.0f} MB." for name, one in running.items()),
        *(
            f"Worker {one['pid']} waits with the data and programs of the last command, {one['memory'] / 1e6:.0f} MB."
            for one in document.get("spares", [])
        ),
        *(f"Not warm for {name}: sweeper warm begins again." for name in both if name not in running),
        _users(max(one["in_use"] for one in running.values()))
        + f"; it ends {seconds(min(one['ends_in'] for one in running.values()))} after the last one, or by sweeper "
        "warm --stop.",
    ]
    refused = {one["refused"]: None for one in running.values() if one["refused"]}
    lines += [f"Commands from here do without it: it was started with {why}." for why in refused]
    return "\n".join(lines)


def _users(count: int) -> str:
    return {0: "No command uses it", 1: "1 command uses it"}.get(count) or f"{count} commands use it"
