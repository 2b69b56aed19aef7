"""``sweeper report``: one document on a study."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.commands.run import openings
from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import bold, emit, note, warn


def report(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="The study's name.")],
    *,
    baseline: Annotated[
        str,
        typer.Option(metavar="STUDY", help="Draw the tuning curve of this one beside, such as a random search."),
    ] = "",
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Write a report on a study: one HTML file that needs no other, Markdown, and pictures.

    The winner and the warnings first, then confirmation, importance, curves, failures, time, and where the
    numbers come from. Nothing is run for it.
    """
    from sweeper.jobs.report import report as job
    from sweeper.tracking import open_reader
    from sweeper.tracking.deletions import deleted_note

    flags = [] if runs == RUNS else ["--runs", str(runs)]
    document = job(study, runs=runs, baseline=baseline, flags=flags, observe=_say)
    emit(document, lambda: shown(document), as_json=as_json)
    if deleted := deleted_note(open_reader(runs)):
        note(deleted)


def _say(event: object) -> None:
    from sweeper.study.plan import Note

    if isinstance(event, Note):
        note(event.text)


def shown(document: dict[str, Any]) -> str:
    """Who is the winner, what to be wary of, and where the report is."""
    count = document["openings"]
    lines = [
        bold(document["named"]) if document["named"] else "",
        *(warn(f"! {one['message']}: {one['hint']}") for one in document["cautions"]),
        warn(f"the latest test number of this data is the {openings(count)}") if count else "",
        f"Report: {bold(document['report']['html'])}",
    ]
    return "\n".join(line for line in lines if line)
