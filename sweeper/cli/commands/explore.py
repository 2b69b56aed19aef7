"""``sweeper explore``: questions answered by experiment."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.options import (
    RUNS,
    ConfigDir,
    CpusPerWorker,
    Deadline,
    GpusPerWorker,
    Json,
    Memory,
    OnCluster,
    Runs,
    Score,
    Workers,
    cluster_of,
)
from sweeper.cli.render import bold, dim, emit, table, warn
from sweeper.cli.scores import score


def explore(
    context: typer.Context,
    *,
    asked: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUESTION|FILE.yaml|KEY=VALUE",
            help="Questions by name or file, and config keys to fix for all of them.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every question there is, in one report.")] = False,
    names: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    scientific: Annotated[
        list[str] | None, typer.Option(metavar="KEY=SWEEP", help="Ask without a file: what is compared.")
    ] = None,
    nuisance: Annotated[
        list[str] | None, typer.Option(metavar="KEY=SWEEP", help="What is tuned for each condition.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=1, help="Trials of the nuisance search, over all conditions.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Minutes instead of hours, on 5,000 digits.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Open the sealed test split once, at the end, for all conditions together.")
    ] = False,
    objective: Score = "",
    workers: Workers = None,
    deadline: Deadline = None,
    memory: Memory = None,
    config_dir: ConfigDir = None,
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Answer questions by experiment: conditions compared with repeats, intervals and a verdict.

    Each answer is a report in runs/reports: HTML, Markdown, PNG and JSON. Asked again, a question goes
    on where it stood.
    """
    from sweeper.cli.words import overrides_of
    from sweeper.jobs.explore import Inquiry, listing

    words = asked or []
    given = overrides_of([word for word in words if "=" in word], context)
    if names:
        found = listing(config_dir)
        rows = [(question["name"], question["title"]) for question in found]
        emit(found, lambda: table(["question", "what it asks"], rows), as_json=as_json)
        return
    inquiry = Inquiry(
        names=[word for word in words if "=" not in word],
        every=every,
        scientific=scientific or [],
        nuisance=nuisance or [],
        budget=budget,
        quick=quick,
        test=test,
        overrides=given,
        config_dir=config_dir,
        workers=workers or 0,
        deadline=deadline or 0.0,
        memory=memory or 0,
        objective=objective,
        cluster=cluster_of(cluster, cpus_per_worker, gpus_per_worker),
    )
    from sweeper.cli.explore_progress import ExploreProgress
    from sweeper.cli.progress import showing
    from sweeper.jobs.explore import explore as job
    from sweeper.system.process import cores

    with showing(ExploreProgress(inquiry.workers or cores())) as watch:
        document = job(inquiry, runs=runs, observe=watch)
    emit(document, lambda: shown(document), as_json=as_json)


def shown(document: dict[str, Any]) -> str:
    """The answers one after the other, and where their reports are."""
    parts = [_answer(one) for one in document["answers"]]
    return "\n\n".join([*parts, *([f"All answers: {document['contents']}"] if document["contents"] else [])])


def _answer(one: dict[str, Any]) -> str:
    lines = [bold(one["title"]), " ".join(one["answer"])]
    if one["conditions"]:
        lines.append(_conditions(one["conditions"], one["measure"]))
    warnings = [*(f"! {warning}" for warning in one["warnings"]), *([one["ledger"]] if one["ledger"] else [])]
    lines += ["\n".join(map(warn, warnings))] if warnings else []
    return "\n\n".join(["\n".join(lines[:2]), *lines[2:], dim(f"Report: {one['report']['html']}")])


def _conditions(conditions: list[dict[str, Any]], measure: dict[str, Any]) -> str:
    tested = any(condition["test"] is not None for condition in conditions)
    columns = ["condition", "validation", "95% interval", "training", "gap", *(["test"] if tested else []), "verdict"]
    percent = bool(measure["percent"])
    return table(columns, [_row(condition, tested=tested, percent=percent) for condition in conditions])


def _row(condition: dict[str, Any], *, tested: bool, percent: bool) -> list[str]:
    ends, gap = condition["interval"], condition["gap"]
    shown = _percent if percent else score
    test = [shown(condition["test"])] if tested else []
    return [
        condition["name"],
        shown(condition["mean"]),
        f"{shown(ends['low'])} to {shown(ends['high'])}" if ends else "",
        shown(condition["train"]),
        "" if gap is None else f"{100 * gap:z.2f}" if percent else score(gap),
        *test,
        condition["verdict"] or "",
    ]


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}%"
