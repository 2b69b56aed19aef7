"""``sweeper rename``: another name for a study or a run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, note, warn


def rename(
    name: Annotated[str, typer.Argument(metavar="STUDY|RUN", help="A study, or the id or name of a single run.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its name from now on.")],
    *,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Give a study, or a single run, another name.

    It changes wherever the name is: in the study's files and its confirmation, in MLflow, in its report. Ids stay, and
    nothing is lost. What is running is not renamed; killed in the middle, the same command completes it.
    """
    from sweeper.jobs.rename import rename as job
    from sweeper.study.plan import Note

    def observe(event: object) -> None:
        if isinstance(event, Note):
            note(warn(event.text))

    document = job(name, new, runs=runs, observe=observe)
    emit(document, _shown(document), as_json=as_json)


def _shown(document: dict[str, Any]) -> str:
    old, new = document["old"], document["new"]
    if document["kind"] == "run":
        return f"The run {old} is called {new} now; its id stays."
    more = "".join(f"\n{before} is {after} now." for before, after in document["studies"])
    report = f"\nIts report was made again: {document['report']}" if document["report"] else ""
    return f"{old} is {new} now. To go on with it: its command with --study {new}.{more}{report}"
