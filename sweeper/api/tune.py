"""``sweeper.tune``: search for the best configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.calling import bytes_of, command, folder, names, path, plainly, seconds
from sweeper.api.keys import read
from sweeper.api.machines import cluster_of, options_of
from sweeper.api.tuned import TuneResult

if TYPE_CHECKING:
    from sweeper.jobs.tune import Search
    from sweeper.workers.cluster import Cluster

OPTIONS = (
    "trials", "study", "sampler", "pruner", "space", "objective", "constraint", "enqueue", "warm_start", "baseline",
    "confirm", "confirm_repeats", "sampler_seed", "timeout", "deadline", "memory", "workers", "threads", "models",
    "storage", "max_errors", "cluster", "cpus_per_worker", "gpus_per_worker", "runs", "config_dir", "progress",
)  # fmt: skip


@plainly
def tune(
    overrides: str | Iterable[str] = (),
    *,
    trials: int = 50,
    study: str = "",
    sampler: str = "tpe",
    pruner: str = "",
    space: str | None = None,
    objective: str | Sequence[str] = (),
    constraint: str | Sequence[str] = (),
    enqueue: Sequence[str | Mapping[str, Any]] = (),
    warm_start: str = "",
    baseline: bool = False,
    confirm: int | None = None,
    confirm_repeats: int = 0,
    sampler_seed: int = 0,
    timeout: float | str | None = None,
    deadline: float | str | None = None,
    memory: int | str | None = None,
    workers: int | None = None,
    threads: int = 1,
    models: bool = True,
    storage: str = "",
    max_errors: int = 10,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    config_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    **keys: Any,
) -> TuneResult:
    """Search for the best configuration, judged on the validation split; the same call again goes on.

    A key with one value is fixed, one with a search is searched: ``tune(dataset="digits", activation="relu,tanh",
    learning_rate=sweeper.interval(1e-3, 1, log=True), hidden=sweeper.choice([50], [100, 30]))``. What is not given is
    searched as `space` says.

    Args:
        overrides: config keys as the command line takes them.
        trials: finished or pruned ones, in total.
        study: its name; one that exists goes on. Made from what is searched, if it is not given.
        sampler: how configurations are chosen.
        pruner: how hopeless trials are stopped; ahead if it is not given, none with several objectives.
        space: a file of conf/space; ``"none"`` for nothing but the keys given here.
        objective: what is made best; validation.accuracy if it is not given. Several search for a front.
        constraint: what the best must keep, such as ``"parameters<=50000"``.
        enqueue: configurations to try first, each a mapping of keys.
        warm_start: an earlier study of the same data, for the sampler to know.
        baseline: whether to run as many random trials beside.
        confirm: how many of the best run again on fresh seeds. If it is not given, up to 3, on 3 to 5 seeds, within a
            quarter of the search's time; none with several objectives.
        confirm_repeats: how many fresh seeds, at most; 5 where `confirm` is given. With more, the same again goes on.
        sampler_seed: of the sampler; `seed` is the config key.
        timeout: seconds, or text such as ``"2h"``, after which it stops.
        deadline: how long a trial may take, likewise.
        memory: bytes, or text such as ``"4GB"``, that a worker may take.
        workers: processes; one a core, or as many as the cluster has room for, if it is not given.
        threads: of each worker.
        models: whether each trial's trained model is kept.
        storage: the URL of the study's database, instead of a file.
        max_errors: trials with the same error after which it stops.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where everything is recorded; ``$SWEEPER_RUNS``, or ``runs``, if it is not given.
        config_dir: your own config folder, searched before the one that comes with sweeper.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.
        **keys: config keys, each with a value or a search.

    Raises:
        InputError: what was asked cannot be done; nothing was written.
        InterruptedRunError: it was interrupted; what is finished is kept, and the same call goes on.
        SweeperError: no trial finished and some failed.
    """
    from sweeper.jobs.tune import Search

    typed = read(overrides, keys, OPTIONS, own=config_dir is not None)
    search = Search(
        trials=trials,
        sampler=sampler,
        pruner=pruner,
        seed=sampler_seed,
        constraints=names(constraint),
        enqueue=[one if isinstance(one, str) else " ".join(read((), one)) for one in enqueue],
        baseline=baseline,
        timeout=seconds(timeout, "timeout"),
        max_errors=max_errors,
        **_of_study(study, warm_start, storage, models=models),
        **_of_workers(workers, threads, deadline, memory, cluster_of(cluster, cpus_per_worker, gpus_per_worker)),
        **_of_objectives(names(objective), confirm, confirm_repeats),
    )
    return _searched(search, typed, space, folder(runs), path(config_dir), progress)


def _of_study(study: str, warm_start: str, storage: str, *, models: bool) -> dict[str, Any]:
    """Where it is kept, and what it knows."""
    where = storage or os.environ.get("SWEEPER_STORAGE", "")
    return {"study": study, "warm_start": warm_start, "storage": where, "keep_models": models}


def _of_workers(
    workers: int | None, threads: int, deadline: float | str | None, memory: int | str | None, cluster: Cluster
) -> dict[str, Any]:
    limit = seconds(deadline, "deadline") or 0.0
    own = {"workers": workers or 0, "threads": threads, "deadline": limit, "memory": bytes_of(memory)}
    return own | {"cluster": cluster}


def _of_objectives(objectives: list[str], confirm: int | None, repeats: int) -> dict[str, Any]:
    """What is made best, and how many are confirmed: of a front, nobody."""
    from sweeper.jobs.shared.search import confirming

    named = {"objective": objectives[0], "more": objectives[1:]} if objectives else {}
    return {**named, **confirming(confirm, several=len(objectives) > 1), "repeats": repeats}


def _searched(
    search: Search,
    typed: tuple[str, ...],
    space: str | None,
    runs: Path,
    config_dir: Path | None,
    progress: bool | None,
) -> TuneResult:
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.tune import tune as job

    search = replace(search, command=_command(search, typed, space, runs, config_dir))
    with watching(Shown("sweep", search.trials), progress) as observe:
        document = job(typed, search, space=space, config_dir=config_dir, runs=runs, observe=observe)
    return TuneResult.read(document, runs)


def _command(search: Search, typed: tuple[str, ...], space: str | None, runs: Path, config_dir: Path | None) -> str:
    """The command line that goes on with the search; the folder knows the storage's address and password."""
    from sweeper.jobs.shared.search import Search, confirming
    from sweeper.study.storage.location import without_password
    from sweeper.workers.cluster import HERE_ALONE

    usual = replace(Search(), trials=-1, **confirming(None, several=bool(search.more)))
    given = {f.name: getattr(search, f.name) for f in fields(search)}
    asked = search.confirm_share != usual.confirm_share
    own = {
        name: value for name, value in given.items() if value != getattr(usual, name) or (name == "confirm" and asked)
    }
    storage = own.pop("storage", "")
    options = {
        "objective": [search.objective, *search.more] if own.keys() & {"objective", "more"} else None,
        "constraint": own.pop("constraints", None),
        "no_models": not own.pop("keep_models", True),
        "storage": without_password(storage) if storage else None,
        "space": space,
        "config_dir": config_dir,
        **options_of(own.pop("cluster", HERE_ALONE)),
    }
    said = {"objective", "more", "command", "confirm_share"}
    rest = {name: value for name, value in own.items() if name not in said}
    zero = {name: str(value) if name == "confirm" else value for name, value in rest.items()}
    return command("tune", typed, zero | options, runs)
