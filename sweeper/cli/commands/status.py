"""``sweeper status``: what is going on, from another terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sweeper.cli.layout import ago, fitted
from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import bold, dim, emit, note, seconds
from sweeper.cli.scores import measured

if TYPE_CHECKING:
    from sweeper.study.overview import Overview

EVERY = 2.0
"""Seconds from one look at the studies to the next."""

LEAST = 3
"""Trials before a rest is foretold."""


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
    from sweeper.jobs.overview import parent_of
    from sweeper.study.overview import overview, overviews

    while True:
        found = [overview(runs, study)] if study else overviews(runs)
        running = [one for one in found if one.state == "running"]
        names = {one.study for one in found}
        own = [one for one in found if not parent_of(one.study, names)]
        chosen = found if study else running or own[:1]
        if watch and running and not as_json:
            _redraw(chosen)
            time.sleep(EVERY)
            continue
        _clear(watch)
        emit([one.to_json() for one in chosen], "" if as_json else _shown(chosen), as_json=as_json)
        return


def _shown(studies: Sequence[Overview]) -> str:
    if not studies:
        return "No study is there yet: sweeper tune makes one."
    rows = [
        (
            one.study,
            one.state,
            _trials(one),
            one.running or "",
            "" if one.score is None else f"{measured(one.objective, one.score)} (trial {one.best})",
            _left(one),
            ago(one.last or one.began),
        )
        for one in studies
    ]
    columns = ("study", "state", "trials", "running", "best on validation", "time left", "last heard of")
    drivers = [f"process {d['pid']} on {d['host']} runs {one.study}" for one in studies for d in one.drivers]
    return "\n".join([fitted(columns, rows), *map(dim, drivers)])


def _trials(one: Overview) -> str:
    counts = ("pruned", one.pruned), ("failed", one.failed)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts if count)
    return one.done_of_asked + (f": {kinds}" if kinds else "")


def _left(one: Overview) -> str:
    """The rest at the pace so far; nothing where too little is known for that to be honest."""
    if one.state != "running" or one.done < LEAST or one.asked is None or one.began is None:
        return ""
    spent = time.time() - one.began
    return f"about {seconds(max(0.0, spent / one.done * (one.asked - one.done)))}"


def _redraw(studies: Sequence[Overview]) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[H\x1b[2J")
    note(bold(time.strftime("%H:%M:%S")) + "\n" + _shown(studies))


def _clear(watch: bool) -> None:
    if watch and sys.stderr.isatty():
        sys.stderr.write("\x1b[H\x1b[2J")
