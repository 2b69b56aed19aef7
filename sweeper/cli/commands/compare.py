"""``sweeper compare``: which is better, by how much, and how sure that is."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from sweeper.cli.layout import fitted
from sweeper.cli.options import (
    RUNS,
    ConfigDir,
    CpusPerWorker,
    GpusPerWorker,
    Json,
    OnCluster,
    Runs,
    Score,
    Threads,
    Workers,
    cluster_of,
)
from sweeper.cli.render import bold, emit, facts, table, warn
from sweeper.cli.scores import ends, score, target_of


def compare(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="A B...", help="Runs, STUDY for its best trial, STUDY:N, or overrides in quotes: 'activation=tanh'."
        ),
    ],
    *,
    shared: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="Holds for all configurations: --with dataset=digits."),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=0, help="Run each of them on so many fresh seeds; 0 compares what is recorded.")
    ] = 0,
    objective: Score = "",
    workers: Workers = None,
    threads: Threads = 1,
    config_dir: ConfigDir = None,
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Compare runs, studies' winners and configurations, paired by the seeds that they share.

    The verdict is better, worse, tie or undecided; what is undecided says how many repeats may
    settle it; each time of asking costs, so that intervals get wider. Trained models are compared by example, too.
    """
    from sweeper.cli.named import contenders_of

    given = contenders_of(names, context)
    from sweeper.cli.progress import showing
    from sweeper.cli.sweep_progress import SweepProgress, sweep_progress
    from sweeper.jobs.compare import compare as job

    with showing(sweep_progress(repeats * len(given)) if repeats else SweepProgress(0)) as watch:
        document = job(
            given,
            shared=shared or (),
            repeats=repeats,
            objective=objective,
            config_dir=config_dir,
            runs=runs,
            cluster=cluster_of(cluster, cpus_per_worker, gpus_per_worker),
            size=workers or 0,
            threads=threads,
            command=shlex.join(["sweeper", *context.obj]),
            observe=watch,
        )
    emit(document, lambda: shown(document), as_json=as_json)


def shown(document: dict[str, Any]) -> str:
    """The answer, the contenders, and each pair with its verdict."""
    measure = document["measure"]
    rows = [
        (
            one["name"],
            score(one["mean"]),
            ends([one["interval"]["low"], one["interval"]["high"]]) if one["interval"] else "",
            f"{one['collapses']['seen'] or 'none'} of {one['seeds']}",
            one["parameters"],
        )
        for one in document["contenders"]
    ]
    pairs = [_pair(pair, percent=measure["percent"]) for pair in document["pairs"]]
    columns = ["A", "B", "A is", "A less B", _heading(document["pairs"]), "over examples, too"]
    if len(pairs) == 1 and _with_interval(document["pairs"]):  # the answer has said it
        columns.pop()
        pairs = [pair[:-1] for pair in pairs]
    blocks = [
        bold(" ".join(document["answer"])),
        table(("", measure["key"], "95% interval", "collapsed", "parameters"), rows),
        fitted(columns, pairs, more="the report has them", cut=False),
        "\n".join(warn(f"! {line}") for line in document["warnings"]),
        facts(_about(document)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _heading(pairs: Sequence[dict[str, Any]]) -> str:
    """What the intervals promise: each alone or, with a level raised for their number, all together."""
    shown = _with_interval(pairs)
    if shown is None:
        return "interval"
    together = 1 - shown["comparisons"] * (1 - shown["interval"]["level"])
    return f"{100 * together:.3g}% over {shown['interval']['over']}"


def _with_interval(pairs: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return next((pair for pair in pairs if pair["interval"]), None)


def _differences(document: dict[str, Any]) -> str:
    """Their unit, and whether their intervals hold all together."""
    shown = _with_interval(document["pairs"])
    parts = ["in percentage points"] if document["measure"]["percent"] else []
    parts += ["their intervals hold all together"] if shown and shown["comparisons"] > 1 else []
    return "; ".join(parts)


def _pair(pair: dict[str, Any], *, percent: bool) -> tuple[object, ...]:
    difference = pair["difference"]
    return (
        pair["a"],
        pair["b"],
        pair["verdict"],
        "" if difference is None else _signed(difference, percent=percent),
        _range(pair["interval"], percent=percent),
        _range(pair["over_seeds_and_examples"], percent=percent),
    )


def _signed(value: float, *, percent: bool) -> str:
    return f"{100 * value:+.2f}" if percent else f"{value:+.4g}"


def _range(interval: dict[str, Any] | None, *, percent: bool) -> str:
    if interval is None:
        return ""
    return f"{_signed(interval['low'], percent=percent)} to {_signed(interval['high'], percent=percent)}"


def _plural(measure: dict[str, Any]) -> str:
    return "accuracies" if measure["share"] else "scores"


def _about(document: dict[str, Any]) -> list[tuple[str, str]]:
    from sweeper.report.facts import scope

    data = document["dataset"]
    over = document["contenders"][0]["interval"] or {"over": "", "examples": 0}
    return [
        ("intervals", f"of {_plural(document['measure'])} {scope(over['over'], over['examples'])}"),
        ("differences", _differences(document)),
        ("verdicts", document["verdicts_by"]),
        ("data", f"{data['name']}: {data['sizes']['validation']:,} validation examples"),
        *target_of(data),
        ("seeds", ", ".join(map(str, document["seeds"]))),
        ("repeats in", document["study"] or ""),
        ("report", bold(document["report"]["html"])),
    ]
