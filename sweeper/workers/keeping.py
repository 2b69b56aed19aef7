"""Workers that outlive the call that started them, for the next call in the same Python process."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sweeper.system.process import cores
from sweeper.workers.base import Pool
from sweeper.workers.early import THE_DRIVERS
from sweeper.workers.process_pool import ProcessPool
from sweeper.workers.registry import PoolOptions, open_pool

_keeping: ContextVar[bool] = ContextVar("keeping", default=False)
_kept: list[tuple[Any, ProcessPool]] = []
"""The workers of the last call, if they may be used again, and what they were made for."""
_lock = threading.Lock()


@contextmanager
def keeping() -> Iterator[None]:
    """Let pools that are lent in this block stay open for the next one, until ``close``."""
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


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.clear)  # they are the parent's
