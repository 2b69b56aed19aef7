"""``sweeper tune``: search for the best configuration."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from sweeper.cli.options import RUNS, ConfigDir, Deadline, Json, Memory, Overrides, Runs, Threads, Workers
from sweeper.cli.options import timeout as until
from sweeper.cli.render import bold, cell, dim, emit, facts, seconds, table, told, warn
from sweeper.study.objectives import DEFAULT, OBJECTIVES
from sweeper.study.search.pruners import PRUNERS
from sweeper.study.search.samplers import SAMPLERS

COLUMNS = 5
"""Hyperparameters that have columns of their own, at most."""


if TYPE_CHECKING:
    Sampler: TypeAlias = str
    Pruner: TypeAlias = str
    Objective: TypeAlias = str
else:  # the choices are the rows
    Sampler = StrEnum("Sampler", [(name, name) for name in SAMPLERS.names])
    Pruner = StrEnum("Pruner", [(name, name) for name in PRUNERS.names])
    Objective = StrEnum("Objective", [(name, name) for name in OBJECTIVES.names])

TPE = Sampler("tpe")


def tune(
    context: typer.Context,
    overrides: Overrides = None,
    *,
    trials: Annotated[int, typer.Option("--trials", "-n", min=1, help="Finished or pruned trials, in total.")] = 50,
    sampler: Annotated[Sampler, typer.Option(help="How configurations are chosen.")] = TPE,
    pruner: Annotated[
        Pruner | None,
        typer.Option(
            help="How hopeless trials are stopped; asha if not given, none with several objectives.",
            show_default=False,
        ),
    ] = None,
    space: Annotated[
        str | None, typer.Option(metavar="NAME", help="A file of conf/space; default if not given.")
    ] = None,
    objective: Annotated[
        list[Objective] | None,
        typer.Option(
            help="What is made best; validation.accuracy if not given. Given twice, a front is searched for: accuracy, "
            "say, against parameters.",
            show_default=False,
        ),
    ] = None,
    constraint: Annotated[
        list[str] | None, typer.Option(metavar="'MEASURE<=N'", help="What the best must keep: 'parameters<=50000'.")
    ] = None,
    enqueue: Annotated[
        list[str] | None, typer.Option(metavar="'KEY=VALUE ...'", help="A configuration to try first.")
    ] = None,
    warm_start: Annotated[
        str, typer.Option(metavar="STUDY", help="An earlier study of the same data, for the sampler to know.")
    ] = "",
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Run as many random trials, too, to see what the search is worth.")
    ] = False,
    study: Annotated[
        str, typer.Option(metavar="NAME", help="Its name; one that exists goes on. Else one is made.")
    ] = "",
    workers: Workers = None,
    threads: Threads = 1,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            parser=until,
            help="Stop after so long (90s, 2h); the same command goes on.",
            show_default=False,
        ),
    ] = None,
    deadline: Deadline = None,
    memory: Memory = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the sampler.")] = 0,
    storage: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="The study's database, such as postgresql+psycopg://user@host/db. If not given: SWEEPER_STORAGE, or a "
            "file of its own. Every other command finds the study by its name.",
        ),
    ] = "",
    max_errors: Annotated[int, typer.Option(min=1, help="Stop after so many trials with the same error.")] = 10,
    models: Annotated[bool, typer.Option("--models/--no-models", help="Keep each trial's trained model.")] = True,
    confirm: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=10,
            metavar="K",
            help="Run the best K again on fresh seeds; 0 for none. 3 if not given, 0 with several objectives.",
            show_default=False,
        ),
    ] = None,
    config_dir: ConfigDir = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Search for the best configuration, judged on the validation split.

    KEY=VALUE fixes a key; a sweep searches it: activation=relu,tanh 'learning_rate=tag(log,interval(1e-3,1))'
    'hidden=choice([50],[100,30])'. The same command again goes on to --trials in total.
    """
    from sweeper.cli.progress import showing
    from sweeper.cli.sweep_progress import sweep_progress
    from sweeper.jobs.tune import Search
    from sweeper.jobs.tune import tune as job

    wanted = [str(one) for one in objective or [DEFAULT]]
    search = Search(
        trials=trials,
        study=study,
        sampler=str(sampler),
        pruner=str(pruner or ""),
        seed=seed,
        objective=wanted[0],
        more=wanted[1:],
        constraints=constraint or [],
        enqueue=enqueue or [],
        warm_start=warm_start,
        baseline=baseline,
        timeout=timeout,
        max_errors=max_errors,
        storage=storage,
        workers=workers or 0,
        threads=threads,
        deadline=deadline or 0.0,
        memory=memory or 0,
        keep_models=models,
        confirm=confirm if confirm is not None else 0 if wanted[1:] else 3,
        command=_again(context.obj, storage),
    )
    with showing(sweep_progress(trials, fixed=overrides or [])) as watch:
        document = job(overrides or [], search, space=space, config_dir=config_dir, runs=runs, observe=watch)
    emit(document, "" if as_json else shown(document, str(runs), overrides or []), as_json=as_json)


def shown(document: dict[str, Any], runs: str, fixed: Collection[str] = ()) -> str:
    """The leaders, what mattered, and the commands that go on from here; `fixed` overrides are not repeated."""
    leaders = _front(document, fixed) if document["front"] else _leaders(document, fixed)
    blocks = [leaders, _confirmed(document["confirmed"]), facts(_about(document))]
    blocks.append(_importance(document))
    blocks.append("\n".join(warn(f"! {one['message']}: {one['hint']}") for one in document["cautions"]))
    if document["best"]:
        blocks.append("\n".join(f"{what}:\n  {bold(command)}" for what, command in _commands(document, runs)))
    return "\n\n".join(block for block in blocks if block)


def _again(words: list[str], storage: str) -> str:
    """The same command, as it may be shown: the folder knows the storage's address, and its password is nobody's."""
    if storage:
        from sweeper.study.storage.location import without_password

        words = [word.replace(storage, without_password(storage)) for word in words]
    return shlex.join(["sweeper", *words])


def _leaders(document: dict[str, Any], fixed: Collection[str]) -> str:
    """The best trials; hyperparameters in columns while there are few."""
    top = document["top"]
    if not top:
        return "No trial has finished."
    names = list(dict.fromkeys(name for trial in top for name in trial["params"]))
    few = len(names) <= COLUMNS
    rows = [(*_scores(t), *(_values(t, names) if few else [told(t["overrides"], fixed)])) for t in top]
    return table(("trial", "accuracy", "loss", *(names if few else ["hyperparameters"])), rows)


def _front(document: dict[str, Any], fixed: Collection[str]) -> str:
    """The trials that no other beats in all objectives."""
    measures = document["objectives"]
    rows = [
        (f"#{one['number']}", *(_measure(name, one[name]) for name in measures), told(one["overrides"], fixed))
        for one in document["front"]
    ]
    return table(("trial", *measures, "hyperparameters"), rows)


def _measure(name: str, value: float) -> str:
    return format(value, OBJECTIVES[name].digits)


def _scores(trial: dict[str, Any]) -> list[str]:
    validation = trial["validation"]
    return [f"#{trial['number']}", f"{validation['accuracy']:.4f}", f"{validation['loss']:.4f}"]


def _values(trial: dict[str, Any], names: list[str]) -> list[str]:
    return [cell(trial["params"].get(name)) for name in names]


def _confirmed(confirmed: dict[str, Any] | None) -> str:
    """The leaders on fresh seeds, beside the score that each was chosen by."""
    if confirmed is None:
        return ""
    rows = [
        (
            f"#{one['number']}",
            f"{one['original']:.4f}",
            f"{one['value']:.4f}" if one["points"] else "",
            f"{one['interval']['low']:.4f} to {one['interval']['high']:.4f}" if one["interval"] else "",
            one["parameters"] or None,
            one["standing"],
        )
        for one in confirmed["trials"]
    ]
    columns = ("trial", "when chosen", "fresh seeds", "95% interval", "parameters", "standing")
    return f"{bold(confirmed['sentence'])}\n\n{table(columns, rows)}"


def _about(document: dict[str, Any]) -> list[tuple[str, str]]:
    counts, sizes = document["trials"], document["dataset"]["sizes"]
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in ("finished", "pruned", "failed") if counts[kind])
    done = counts["finished"] + counts["pruned"]
    repeated = counts["repeated"]
    return [
        ("study", document["study"]),
        (
            "trials",
            f"{done} of {counts['requested']}: {kinds}" if done <= counts["requested"] else _more(counts, kinds),
        ),
        (
            "repeated",
            f"{repeated} of them took the result of an earlier one of the same configuration" if repeated else "",
        ),
        ("kept", _kept(document)),
        ("random", _random(document["baseline"])),
        ("data", f"{document['dataset']['name']}: {sizes['train']:,} to train, {sizes['validation']:,} to validate"),
        ("time", f"{seconds(document['seconds'])} with {document['workers']} workers"),
        ("stopped", "time is up; the same command goes on" if document["ended"] == "timeout" else ""),
    ]


def _more(counts: dict[str, int], kinds: str) -> str:
    return f"{kinds}: more than the {counts['requested']} asked for, and nothing was left to run"


def _kept(document: dict[str, Any]) -> str:
    """The constraints, and how many trials miss them."""
    said = ", ".join(document["constraints"])
    return said and f"{said}; {document['infeasible']} trials do not"


def _random(baseline: dict[str, Any] | None) -> str:
    """What as many random trials found."""
    if not baseline or not baseline["best"]:
        return ""
    return f"{baseline['best']['score']:.4f} is the best of the random search {baseline['study']}"


def _importance(document: dict[str, Any]) -> str:
    """What mattered by both measures, and what each means; or why nothing is said of it."""
    shares, of_variance = document["importance"], document["variance"]
    if not shares:
        return dim(document["importance_note"])
    names = ("hyperparameter", "importance", *(["variance"] if of_variance else []), "")
    rows = []
    for name, share in shares.items():
        beside = [f"{of_variance[name]:.2f}" if name in of_variance else ""] if of_variance else []
        rows.append((name, f"{share:.2f}", *beside, "#" * round(30 * share)))
    notes = [f"importance by {document['evaluator']}: {document['importance_note']}"]
    notes += [f"variance by {document['variance_evaluator']}: {document['variance_note']}"] if of_variance else []
    return "\n".join([table(names, rows), *map(dim, notes)])


def _commands(document: dict[str, Any], runs: str) -> list[tuple[str, str]]:
    flags = [] if runs == "runs" else ["--runs", runs]
    best = ["run", *_winner(document)["overrides"], *flags]
    return [
        ("run the best again", shlex.join(["sweeper", *best])),
        ("read the report", shlex.join(["sweeper", "report", document["study"], *flags])),
        ("see all trials", shlex.join(["sweeper", "results", document["study"], *flags])),
        ("test it once, when nothing is left to choose", shlex.join(["sweeper", "test", document["study"], *flags])),
        ("open the UI", shlex.join(["sweeper", "ui", *flags])),
    ]


def _winner(document: dict[str, Any]) -> dict[str, Any]:
    """The trial that is named: by fresh seeds, or else by its score."""
    best: dict[str, Any] = document["best"]
    number = (document["confirmed"] or {}).get("winner", best["number"])
    return next((trial for trial in document["top"] if trial["number"] == number), best)
