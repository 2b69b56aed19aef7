"""``sweeper reproduce``: the same numbers again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, CpusPerWorker, GpusPerWorker, Json, OnCluster, Runs, cluster_of
from sweeper.cli.render import bold, cell, emit, table, warn

SHOWN = 8
"""Differences that are shown; the JSON has them all."""


def reproduce(
    called: Annotated[
        str | None,
        typer.Argument(metavar="RUN|STUDY", help="A run's id or the beginning of it; STUDY for its best trial."),
    ] = None,
    *,
    from_trial: Annotated[str, typer.Option(metavar="STUDY:N", help="A trial of a study.", show_default=False)] = "",
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Train a recorded run again from what is recorded, and compare.

    On the same machine every number is the same to the last bit. Otherwise a table says what differs, in
    numbers and in circumstances, and the exit code is 1.
    """
    from sweeper.cli.progress import run_progress, showing
    from sweeper.jobs.reproduce import reproduce as job

    where = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    with showing(run_progress()) as watch:
        document = job(_one(called, from_trial), runs=runs, cluster=where, observe=watch)
    emit(document, lambda: shown(document), as_json=as_json)
    if not document["identical"]:
        raise typer.Exit(1)


def shown(document: dict[str, Any]) -> str:
    """Identical, or in what not."""
    title = document["title"]
    if document["identical"]:
        lines = [bold(f"{title} came out identical to the last bit: {_compared(document)}.")]
        lines += [f"although {row['what']} was {row['recorded']} and is {row['now']}" for row in _told(document)]
        return "\n".join(lines)
    columns = ("", "recorded", "now")
    rows = [(row["what"], _exact(row["recorded"]), _exact(row["now"])) for row in document["differences"]]
    more = [f"{len(rows) - SHOWN} more; the largest difference is {cell(document['largest'])}"]
    blocks = [
        warn(f"{title} did not come out identical"),
        table(columns, rows[:SHOWN]) if rows else "",
        *(more if len(rows) > SHOWN else []),
        table(("circumstance", *columns[1:]), [tuple(row.values()) for row in _told(document)])
        if _told(document)
        else "",
        "\n".join(document["notes"]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _one(called: str | None, from_trial: str) -> str:
    from sweeper.errors import InputError

    given = [name for name in (called, from_trial) if name]
    if len(given) != 1:
        raise InputError("name one run, or one trial with --from-trial STUDY:N", hint="type: sweeper reproduce STUDY")
    if from_trial and ":" not in from_trial:
        raise InputError(f"--from-trial {from_trial}: not STUDY:N", hint=f"such as {from_trial}:0", key="--from-trial")
    return given[0]


def _compared(document: dict[str, Any]) -> str:
    compared = document["compared"]
    parts = [f"{compared['validations']} validations"]
    parts += [name for part, name in (("final", "the final scores"), ("weights", "the weights")) if compared[part]]
    return ", ".join(parts)


def _told(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(document["circumstances"])


def _exact(value: object) -> str:
    """A number with all of its digits."""
    if isinstance(value, list):
        return ", ".join(str(one)[:12] for one in value)
    return repr(value) if isinstance(value, float) else str(value)
