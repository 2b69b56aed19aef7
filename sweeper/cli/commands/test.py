"""``sweeper test``: open the sealed test split for a chosen configuration."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.commands.run import openings, uncertainty
from sweeper.cli.options import RUNS, CpusPerWorker, GpusPerWorker, Json, OnCluster, Runs, Threads, cluster_of
from sweeper.cli.render import bold, emit, facts, warn
from sweeper.cli.scores import classes_table, ground, scores_table

Called = Annotated[
    str,
    typer.Argument(metavar="RUN|STUDY", help="A run's id or the beginning of it, STUDY for its best trial, STUDY:N."),
]


def open_split(
    called: Called,
    *,
    refit: Annotated[
        bool,
        typer.Option("--refit", help="Also train on training and validation examples together, and score that."),
    ] = False,
    who: Annotated[str, typer.Option(help="Who asks, for the ledger; else this user.", show_default=False)] = "",
    threads: Threads = 1,
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Open the sealed test split once for a chosen configuration.

    Each opening is a line in the ledger, which only grows. Asked again for the same run, the recorded
    result is shown and nothing is opened.
    """
    from sweeper.cli.progress import run_progress, showing
    from sweeper.jobs.test import score_on_test

    where = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    with showing(run_progress()) as watch:
        document = score_on_test(called, runs=runs, who=who, refit=refit, threads=threads, cluster=where, observe=watch)
    emit(document, lambda: shown(document), as_json=as_json)


def shown(document: dict[str, Any]) -> str:
    """Each score with its interval, the hardest classes, and which opening it was."""
    parts = {"validation": document["validation"], "test": document["test"], "test, refit": document["refit"]}
    known = {part: each for part, each in parts.items() if each is not None}
    tested = [each for part, each in parts.items() if part != "validation" and each is not None]
    blocks = [scores_table(known), facts(_about(document)), classes_table(_by_class(document["test"]), "test")]
    blocks += [warn(opening_line(each)) for each in tested]
    return "\n\n".join(block for block in blocks if block)


def opening_line(tested: dict[str, Any]) -> str:
    """Which opening it was; and that nothing was opened now, where that is so."""
    said = openings(tested["openings"])
    return said if tested["opened"] else f"{said}, of {tested['when']} by {tested['who']}; nothing was opened now"


def _about(document: dict[str, Any]) -> list[tuple[str, str]]:
    test = document["test"]
    return [
        ("run", f"{document['title']}  {' '.join(document['overrides'])}"),
        ("data", f"{document['dataset']['name']}: {test['examples']:,} test examples"),
        *ground(test),
        *uncertainty(document["validation"], "validation")[:1],
        *uncertainty(test, "test"),
        ("hardest", _hardest(test)),
        ("report", bold(test["report"]["html"]) if "report" in test else ""),
        ("refit's", bold(document["refit"]["report"]["html"]) if "report" in (document["refit"] or {}) else ""),
    ]


def _hardest(test: dict[str, Any]) -> str:
    """The classes with the lowest recall, of an opening by a version that kept nothing else of a class."""
    known = (one for one in test.get("classes", ()) if "precision" not in one)
    return ", ".join(
        f"{one['name']} {one['accuracy']:.4f}" for one in sorted(known, key=lambda one: one["accuracy"])[:3]
    )


def _by_class(test: dict[str, Any]) -> dict[str, Any]:
    """Precision and recall of the classes on the test examples; earlier versions kept neither precision nor counts."""
    known = (one for one in test.get("classes", ()) if "precision" in one)
    return {"by_class": [one | {"recall": one["accuracy"]} for one in known]}
