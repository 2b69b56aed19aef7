"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.config.amounts import duration, size
from sweeper.config.registry import Registry, Row
from sweeper.errors import InputError
from sweeper.workers.cluster import Cluster

LEAST_MEMORY = 600_000_000
"""Bytes; a worker has 400 MB with TensorFlow alone."""


def timeout(text: str) -> float:
    """The seconds of ``--timeout``. Raises InputError where they are none."""
    return duration(text, "--timeout")


def deadline(text: str) -> float:
    """The seconds of ``--deadline``. Raises InputError where they are none."""
    return duration(text, "--deadline")


def worker_memory(text: str) -> int:
    """The bytes of a worker's limit.

    Raises:
        InputError: it is no size, or too small for TensorFlow.
    """
    limit = size(text, "--memory")
    if limit < LEAST_MEMORY:
        hint = f"at least {LEAST_MEMORY // 10**6}MB: TensorFlow alone takes 400 MB"
        raise InputError(f"--memory: {text} is too little for a worker", hint=hint, key="--memory")
    return limit


def worker_count(text: str) -> int:
    """The number of ``--workers``; 0 for as many as there is room for. Raises InputError where it is none."""
    if text == "max":
        return 0
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"--workers {text}: a whole number from 1, or max, is needed", key="--workers")
    return int(text)


def cluster_of(address: str, cpus: int | None, gpus: float | None) -> Cluster:
    """The cluster that the options name. Raises InputError where they name none, or ask something of none."""
    return Cluster(address, cpus or 0, gpus or 0.0)


def choice(option: str, rows: Registry[Row]) -> dict[str, Any]:
    """The settings of an option whose values are the rows of a registry."""

    def parse(name: str) -> str:
        try:
            return rows[name].name
        except InputError as error:
            raise InputError(
                f"--{option}: {error.message}", hint=error.hint, key=f"--{option}", instead=error.instead
            ) from error

    return {"parser": parse, "metavar": "|".join(rows)}


ASKED, SEARCH, LIMITS, PLACES = "What is asked", "How it searches", "Workers and limits", "Folders and output"
"""Groups of options, as help shows them."""

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Config keys to change, such as activation=tanh 'hidden=[100,30]'.",
        show_default=False,
    ),
]
ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config-dir",
        metavar="DIR",
        rich_help_panel=PLACES,
        help="Your own config folder, searched before the one that comes with sweeper.",
    ),
]
Runs = Annotated[
    Path,
    typer.Option(
        "--runs",
        metavar="DIR",
        rich_help_panel=PLACES,
        envvar="SWEEPER_RUNS",
        show_envvar=True,
        help="Where everything is recorded.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", rich_help_panel=PLACES, help="Write one JSON document to standard output, and nothing else there."
    ),
]
Score = Annotated[
    str,
    typer.Option(
        metavar="SCORE",
        help="The score to compare by, such as validation.auc; validation.accuracy if not given (of numbers "
        "validation.rmse).",
        show_default=False,
    ),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads", min=1, rich_help_panel=LIMITS, help="Threads of each worker; small networks are fastest with one."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        rich_help_panel=LIMITS,
        metavar="N|max",
        parser=worker_count,
        help="Worker processes; else one a core, or as many as the cluster has room for (max).",
        show_default=False,
    ),
]
OnCluster = Annotated[
    str,
    typer.Option(
        "--cluster",
        rich_help_panel=LIMITS,
        metavar="WHERE",
        envvar="SWEEPER_CLUSTER",
        show_envvar=True,
        help="Train on a Ray cluster: local (of this machine), auto (the one it is in) or ray://HOST:PORT. Needs "
        "sweeper[ray].",
        show_default=False,
    ),
]
CpusPerWorker = Annotated[
    int | None,
    typer.Option(
        "--cpus-per-worker",
        min=1,
        rich_help_panel=LIMITS,
        help="On a cluster: processors that a worker takes; else as many as it has threads.",
        show_default=False,
    ),
]
GpusPerWorker = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-worker",
        min=0,
        rich_help_panel=LIMITS,
        help="On a cluster: GPUs that a worker takes; 0.5 for two workers on one.",
        show_default=False,
    ),
]
Deadline = Annotated[
    float | None,
    typer.Option(
        "--deadline",
        rich_help_panel=LIMITS,
        metavar="TIME",
        parser=deadline,
        help="How long a trial may take, such as 10m; its worker is killed then. A group may take that for each trial.",
        show_default=False,
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        "--memory",
        rich_help_panel=LIMITS,
        metavar="SIZE",
        parser=worker_memory,
        help="How much memory a worker may take, such as 4GB; a trial that wants more fails.",
        show_default=False,
    ),
]

RUNS = Path("runs")
"""The default of ``Runs``."""
