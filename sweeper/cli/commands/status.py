"""``sweeper status``: what is going on, from another terminal."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer

from sweeper.cli.layout import ago, fitted, measured
from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import bold, dim, emit, note, seconds

EVERY = 2.0
"""Seconds from one look at the studies to the next."""


def status(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="One study; those that are running, or the last one, if left out.")
    ] = "",
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it again and again, until nothing runs.")] = False,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Show how a study stands while it runs, or how it ended.

    It reads what the driver has stored: nothing is started, and nobody is disturbed.
    """
    from sweeper.study.overview import overview, overviews

    while True:
        found = [overview(runs, study)] if study else overviews(runs)
        running = [one for one in found if one.state == "running"]
        chosen = found if study else running or found[:1]
        document = [one.to_json() for one in chosen]
        if watch and running and not as_json:
            _redraw(document)
            time.sleep(EVERY)
            continue
        _clear(watch)
        emit(document, "" if as_json else _shown(document), as_json=as_json)
        return


def _shown(studies: list[dict[str, Any]]) -> str:
    if not studies:
        return "No study is there yet: sweeper tune makes one."
    rows = [
        (
            one["study"],
            one["state"],
            _trials(one),
            one["running"] or "",
            "" if one["score"] is None else f"{measured(one['objective'], one['score'])} (trial {one['best']})",
            _left(one),
            ago(one["last"] or one["began"]),
        )
        for one in studies
    ]
    columns = ("study", "state", "trials", "running", "best on validation", "time left", "last heard of")
    drivers = [f"process {d['pid']} on {d['host']} runs {one['study']}" for one in studies for d in one["drivers"]]
    return "\n".join([fitted(columns, rows), *map(dim, drivers)])


def _trials(one: dict[str, Any]) -> str:
    done = one["finished"] + one["pruned"]
    kinds = ", ".join(f"{one[kind]} {kind}" for kind in ("pruned", "failed") if one[kind])
    return (f"{done} of {one['asked']}" if one["asked"] is not None else str(done)) + (f": {kinds}" if kinds else "")


def _left(one: dict[str, Any]) -> str:
    """The rest at the pace so far; nothing where too little is known for that to be honest."""
    done = one["finished"] + one["pruned"]
    if one["state"] != "running" or done < 3 or one["asked"] is None or one["began"] is None:
        return ""
    spent = time.time() - one["began"]
    return f"about {seconds(max(0.0, spent / done * (one['asked'] - done)))}"


def _redraw(document: list[dict[str, Any]]) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[H\x1b[2J")
    note(bold(time.strftime("%H:%M:%S")) + "\n" + _shown(document))


def _clear(watch: bool) -> None:
    if watch and sys.stderr.isatty():
        sys.stderr.write("\x1b[H\x1b[2J")
