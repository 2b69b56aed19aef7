"""``sweeper run``: train one configuration."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sweeper.cli.options import (
    RUNS,
    ConfigDir,
    CpusPerWorker,
    GpusPerWorker,
    Json,
    OnCluster,
    Overrides,
    Runs,
    Threads,
    cluster_of,
)
from sweeper.cli.render import bold, emit, facts, seconds, warn
from sweeper.cli.scores import classes_table, ends, ground, score, scores_table


def run(
    context: typer.Context,
    overrides: Overrides = None,
    *,
    test: Annotated[
        bool,
        typer.Option("--test", help="Open the sealed test split once, at the end; the ledger counts it."),
    ] = False,
    config_dir: ConfigDir = None,
    threads: Threads = 1,
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Train one configuration.

    Without overrides it is the tutorial's run: 784-[50, 30]-10, ReLU, 5,000 steps of plain gradient descent.
    With repeats=5 it trains from five initial weights at once and shows the spread.
    """
    from sweeper.cli.words import overrides_of

    given = overrides_of(overrides, context)
    from sweeper.cli.progress import run_progress, showing
    from sweeper.jobs.run import run as job

    where = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    with showing(run_progress()) as watch:
        document = job(
            given, config_dir=config_dir, runs=runs, threads=threads, test=test, cluster=where, observe=watch
        )
    emit(document, lambda: shown(document, str(runs)), as_json=as_json)
    if not as_json:
        from sweeper.cli.warm_hint import hint_at_warm

        hint_at_warm(document["seconds"])


def shown(document: dict[str, Any], runs: str) -> str:
    """The result as a table, and below it where it comes from and where it went."""
    parts = {part: document[part] for part in ("train", "validation", "test") if document[part]}
    blocks = [scores_table(parts), facts(_about(document, runs)), classes_table(document["validation"])]
    if document["test"]:
        blocks.append(warn(openings(document["test"]["openings"])))
    return "\n\n".join(block for block in blocks if block)


def openings(count: int) -> str:
    """How often a test set has been opened, for everywhere that shows a test number."""
    ending = "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending} opening of this test set"


def uncertainty(part: dict[str, Any], split: str) -> list[tuple[str, str]]:
    """What an interval is over, the narrower one on these examples, and what runs that collapse make of both."""
    from sweeper.report.facts import not_excluded, scope

    seen, chosen = part["collapses"], part["chosen_on"] or ""
    rows = [("interval", scope(part["over"], part["examples"], chosen, split))]
    if part["over_seeds"]:
        rows.append(("", f"{ends(part['over_seeds'])} {scope('seeds', part['examples'], split=split)}"))
    low, high = seen["share"]
    if "accuracy" not in part:
        return rows
    if seen["seen"]:
        rows.append(("collapsed", f"{seen['seen']} of {seen['runs']} runs ({low:.0%} to {high:.0%} of runs)"))
        rows.append(("the others", f"{seen['accuracy_of_the_others']:.4f}, and the intervals are of them"))
        rows.append(("median", f"{part['median']:.4f} of all runs"))
    elif seen["runs"] > 1:
        rows.append(("not seen", not_excluded(seen["runs"], high)))
    return rows


def _about(document: dict[str, Any], runs: str) -> list[tuple[str, str]]:
    from sweeper.report.folds import divided

    spent = document["seconds"]
    per_second = document["steps"] / spent["train"] if spent.get("train") else 0
    time = f"{seconds(spent['total'])}, of it {seconds(spent.get('train', 0))} training"
    return [
        ("seeds", _spread(document)),
        *ground(document["validation"]),
        *uncertainty(document["validation"], "validation"),
        *(uncertainty(document["test"], "test")[:1] if document["test"] else []),
        ("data", divided(document["dataset"])),
        ("network", f"{document['parameters']:,} parameters"),
        ("steps", f"{document['steps']:,}" + (f" at {per_second:,.0f} a second" if per_second else "")),
        ("kept", _kept(document.get("kept"))),
        ("time", time),
        ("MLflow", _recorded(document["run_id"], runs)),
    ]


def _kept(kept: dict[str, Any] | None) -> str:
    """Whose scores these are, of a training that may stop early."""
    if not kept:
        return ""
    first, last = min(kept["steps"]), max(kept["steps"])
    at = f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
    return f"the best validation by {kept['objective']}, at {at}: scores and weights are those of then"


def _recorded(run_id: str, runs: str) -> str:
    if not run_id:
        return warn("out of reach: this run waits, and the next one records it")
    return f"run {bold(run_id)} in {runs}; sweeper ui shows it"


def _spread(document: dict[str, Any]) -> str:
    values = document["validation"]["per_seed"]
    if len(values) < 2:
        return ""
    first = document["config"]["seed"]
    each = "  ".join(map(score, values))
    return f"{first} to {first + len(values) - 1}: {each} on validation"
