"""The kinds of workers: one row each, from which a pool is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sweeper.config.registry import Registry
from sweeper.system.process import cores
from sweeper.workers.base import Pool
from sweeper.workers.cluster import HERE_ALONE, LOCAL, Cluster
from sweeper.workers.run_group import Target, train_group

DEFAULT = "processes"
"""The kind where nothing is said."""


CLUSTER = "ray"
"""The kind of a cluster."""


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """What a pool shall be like, of whatever kind.

    Attributes:
        size: how many workers, where the kind has a choice; 0 for one a core, or as many as a cluster has room for.
        threads: that each worker's libraries may use.
        deadline: seconds that a trial may take; 0 for no limit.
        memory: bytes that each worker may take; 0 for no limit.
        target: what the workers run.
        at_once: whether workers that are processes start now; else on request, or with the first group.
        cluster: where they run.
    """

    size: int = 1
    threads: int = 1
    deadline: float = 0.0
    memory: int = 0
    target: Target = train_group
    at_once: bool = True
    cluster: Cluster = HERE_ALONE


@dataclass(frozen=True, slots=True)
class WorkerKind:
    """One kind of workers.

    Attributes:
        name: of the kind.
        make: a pool of them.
        isolated: each worker is a process of its own: one that dies, or takes too long, takes nobody with it.
    """

    name: str
    make: Callable[[PoolOptions], Pool]
    isolated: bool


def open_pool(options: PoolOptions, kind: str = "") -> Pool:
    """A pool of workers; the caller closes it.

    Args:
        options: what it shall be like.
        kind: of its workers; else what the cluster says.

    Raises:
        InputError: there is no such kind, or no such cluster.
    """
    return WORKER_KINDS[kind or (CLUSTER if options.cluster.address else DEFAULT)].make(options)


def _inline(options: PoolOptions) -> Pool:
    from sweeper.workers.inline import InlinePool

    return InlinePool(options.target)


def _processes(options: PoolOptions) -> Pool:
    from sweeper.workers.process_pool import ProcessPool

    return ProcessPool(
        options.size or cores(),
        target=options.target,
        threads=options.threads,
        deadline=options.deadline,
        memory=options.memory,
        at_once=options.at_once,
    )


def _ray(options: PoolOptions) -> Pool:
    from sweeper.workers.ray.pool import RayPool

    return RayPool(
        options.size,
        options.cluster if options.cluster.address else replace(options.cluster, address=LOCAL),
        cores(),
        target=options.target,
        threads=options.threads,
        deadline=options.deadline,
        memory=options.memory,
        at_once=options.at_once,
    )


WORKER_KINDS = Registry(
    "worker kind",
    [
        WorkerKind("processes", _processes, isolated=True),
        WorkerKind("inline", _inline, isolated=False),
        WorkerKind("ray", _ray, isolated=True),
    ],
)
