"""``sweeper rm``: put a study or a run out of the way."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.asking import agreed
from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit


def rm(
    name: Annotated[str, typer.Argument(metavar="STUDY|RUN", help="A study, or the id of a single run.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Remove a study with its trials, or a single run; what goes is listed first.

    It is put out of the way, as MLflow itself deletes: sweeper doctor --restore NAME brings it back, and sweeper
    doctor --free frees its room. Reports stay. What is running is not removed.
    """
    from sweeper.jobs.remove import removal, remove

    found = removal(name, runs)
    agreed("remove", _lines(found.to_json()), yes=yes)
    document = remove(found, runs)
    emit(document, f"Removed. sweeper doctor --restore {name} brings it back.", as_json=as_json)


def _lines(document: dict[str, Any]) -> list[str]:
    lines = [f"the study {study}" for study in document["studies"]]
    if document["trials"]:
        lines.append(f"{_counted(document['trials'], 'trial')}, {document['bytes'] / 1e6:.1f} MB")
    if document["runs"]:
        lines.append(f"{_counted(len(document['runs']), 'run')} in MLflow")
    return lines


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
