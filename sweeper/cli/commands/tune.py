"""``sweeper tune``: search for the best configuration."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from sweeper.cli.options import (
    ASKED,
    LIMITS,
    PLACES,
    RUNS,
    SEARCH,
    ConfigDir,
    CpusPerWorker,
    Deadline,
    GpusPerWorker,
    Json,
    Memory,
    OnCluster,
    Overrides,
    Runs,
    Threads,
    Workers,
    choice,
    cluster_of,
)
from sweeper.cli.options import timeout as until
from sweeper.cli.render import emit
from sweeper.cli.sweep_answer import shown
from sweeper.study.objectives import OBJECTIVES
from sweeper.study.search.pruners import PRUNERS
from sweeper.study.search.samplers import SAMPLERS
from sweeper.study.seeds import FEWEST_SEEDS, MOST_SEEDS


def tune(
    context: typer.Context,
    overrides: Overrides = None,
    *,
    trials: Annotated[
        int, typer.Option("--trials", "-n", min=1, rich_help_panel=ASKED, help="Finished or pruned trials, in total.")
    ] = 50,
    sampler: Annotated[
        str, typer.Option(rich_help_panel=SEARCH, **choice("sampler", SAMPLERS), help="How configurations are chosen.")
    ] = "tpe",
    pruner: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=SEARCH,
            **choice("pruner", PRUNERS),
            help="How hopeless trials are stopped; ahead if not given, none with several objectives.",
            show_default=False,
        ),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(rich_help_panel=SEARCH, metavar="NAME", help="A file of conf/space; default if not given."),
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=ASKED,
            **choice("objective", OBJECTIVES),
            help="What is made best; validation.accuracy if not given (of numbers validation.rmse). Given twice, a "
            "front is searched for: accuracy, say, against parameters.",
            show_default=False,
        ),
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=ASKED, metavar="'MEASURE<=N'", help="What the best must keep: 'parameters<=50000'."
        ),
    ] = None,
    enqueue: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=SEARCH,
            metavar="'KEY=VALUE ...'",
            help="A configuration to try first; what it leaves out is as usual.",
        ),
    ] = None,
    warm_start: Annotated[
        str,
        typer.Option(
            rich_help_panel=SEARCH, metavar="STUDY", help="An earlier study of the same data, for the sampler to know."
        ),
    ] = "",
    baseline: Annotated[
        bool,
        typer.Option(
            "--baseline", rich_help_panel=ASKED, help="Run as many random trials, too, to see what the search is worth."
        ),
    ] = False,
    study: Annotated[
        str,
        typer.Option(
            rich_help_panel=PLACES, metavar="NAME", help="Its name; one that exists goes on. Else one is made."
        ),
    ] = "",
    workers: Workers = None,
    threads: Threads = 1,
    timeout: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=LIMITS,
            metavar="TIME",
            parser=until,
            help="Stop after so long (90s, 2h); the same command goes on.",
            show_default=False,
        ),
    ] = None,
    deadline: Deadline = None,
    memory: Memory = None,
    seed: Annotated[int, typer.Option(rich_help_panel=SEARCH, min=0, help="Of the sampler.")] = 0,
    storage: Annotated[
        str,
        typer.Option(
            rich_help_panel=PLACES,
            metavar="URL",
            help="The study's database, such as postgresql+psycopg://user@host/db. If not given: SWEEPER_STORAGE, or a "
            "file of its own. Every other command finds the study by its name.",
        ),
    ] = "",
    max_errors: Annotated[
        int, typer.Option(rich_help_panel=LIMITS, min=1, help="Stop after so many trials with the same error.")
    ] = 10,
    models: Annotated[
        bool, typer.Option("--models/--no-models", rich_help_panel=PLACES, help="Keep each trial's trained model.")
    ] = True,
    confirm: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=ASKED,
            min=0,
            max=10,
            metavar="K",
            help="Run the best K again on fresh seeds; 0 for none. If not given, up to 3, on 3 to 5 seeds, within a "
            "quarter of the search's time; none with several objectives.",
            show_default=False,
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=ASKED,
            min=FEWEST_SEEDS,
            max=MOST_SEEDS,
            metavar="N",
            help="Fresh seeds of --confirm, at most; the same again with more goes on. 5 where K is given.",
            show_default=False,
        ),
    ] = None,
    config_dir: ConfigDir = None,
    cluster: OnCluster = "",
    cpus_per_worker: CpusPerWorker = None,
    gpus_per_worker: GpusPerWorker = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Search for the best configuration, judged on the validation split.

    KEY=VALUE fixes a key; a sweep searches it. The same command again goes on to --trials in total.
    """
    from sweeper.cli.words import overrides_of

    given = overrides_of(overrides, context)
    from sweeper.cli.progress import showing
    from sweeper.cli.sweep_progress import sweep_progress
    from sweeper.jobs.shared.search import Search, confirming
    from sweeper.jobs.tune import tune as job

    wanted = objective or []
    search = Search(
        trials=trials,
        study=study,
        sampler=sampler,
        pruner=pruner or "",
        seed=seed,
        objective=wanted[0] if wanted else "",
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
        **confirming(confirm, several=len(wanted) > 1),
        repeats=repeats or 0,
        command=_again(context.obj, storage),
        cluster=cluster_of(cluster, cpus_per_worker, gpus_per_worker),
    )
    with showing(sweep_progress(trials)) as watch:
        document = job(given, search, space=space, config_dir=config_dir, runs=runs, observe=watch)
    emit(document, "" if as_json else shown(document, str(runs)), as_json=as_json)


def _again(words: list[str], storage: str) -> str:
    """The same command, as it may be shown: the folder knows the storage's address, and its password is nobody's."""
    if storage:
        from sweeper.study.storage.location import without_password

        words = [word.replace(storage, without_password(storage)) for word in words]
    return shlex.join(["sweeper", *words])
