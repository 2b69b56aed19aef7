"""How a command gets its workers: a pool of one of the kinds, one row each, or that which the last call left open."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweeper.config.registry import Registry
from sweeper.system.process import cores
from sweeper.workers.base import Pool
from sweeper.workers.cluster import HERE_ALONE, LOCAL, Cluster
from sweeper.workers.early import THE_DRIVERS
from sweeper.workers.process_pool import ProcessPool
from sweeper.workers.run_group import Target, train_group

DEFAULT = "processes"
"""The kind where nothing is said."""


CLUSTER = "ray"
"""The kind of a cluster."""

_keeping: ContextVar[bool] = ContextVar("keeping", default=False)
_kept: list[tuple[Any, ProcessPool]] = []
"""The workers of the last call, if they may be used again, and what they were made for."""
_lock = threading.Lock()


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


@contextmanager
def keeping() -> Iterator[None]:
    """Let pools that are lent in this block stay open for the next one, in the same Python process, until ``close``."""
    before = _keeping.set(True)
    try:
        yield
    finally:
        _keeping.reset(before)


@contextmanager
def lend_pool(options: PoolOptions) -> Iterator[Pool]:
    """A pool: the kept one, if it is of that kind and nothing has changed that its workers stand in, or a new one.

    At the end of the block it is kept where that was asked for and all went well, and closed otherwise; the user's warm
    server may keep its workers.
    """
    if not _keeping.get():
        with open_pool(options) as pool:
            yield pool
            pool.leave()
        return
    purpose = _purpose(options)
    lent: Pool = _take(purpose, options) or open_pool(options)
    try:
        yield lent
    except BaseException:
        lent.close()
        raise
    _keep(purpose, lent, options)


def close() -> None:
    """End the kept workers. Nothing happens where there are none."""
    with _lock:
        ending = [pool for _, pool in _kept]
        _kept.clear()
    for pool in ending:
        pool.close()


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


def _take(purpose: Any, options: PoolOptions) -> ProcessPool | None:
    with _lock:
        found = _kept.pop() if _kept else None
    if found is None:
        return None
    if found[0] == purpose and found[1].take_up(options.size or cores(), options.deadline):
        return found[1]
    found[1].close()
    return None


def _keep(purpose: Any, pool: Pool, options: PoolOptions) -> None:
    if not isinstance(pool, ProcessPool) or not pool.take_up(options.size or cores(), options.deadline):
        pool.close()
        return
    close()
    with _lock:
        _kept.append((purpose, pool))


def _purpose(options: PoolOptions) -> Any:
    """What workers cannot change any more once they live: their limits, and what they inherited."""
    here = ""
    with suppress(OSError):
        here = str(Path.cwd())
    variables = sorted(pair for pair in os.environ.items() if not pair[0].startswith(THE_DRIVERS))
    return options.threads, options.memory, options.target, options.cluster, here, variables


WORKER_KINDS = Registry(
    "worker kind",
    [
        WorkerKind("processes", _processes, isolated=True),
        WorkerKind("inline", _inline, isolated=False),
        WorkerKind("ray", _ray, isolated=True),
    ],
)

atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.clear)  # they are the parent's
