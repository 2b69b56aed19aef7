"""A pool that starts on request, or when the first group comes: where nothing is left to run, never."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import final

from sweeper.trial import Event, TrialSpec
from sweeper.workers.base import Pool
from sweeper.workers.files import HERE, Files


@final
class OnDemandPool(Pool):
    """Another pool, made late.

    Args:
        size: how many workers that will have.
        make: makes it.
    """

    def __init__(self, size: int, make: Callable[[], Pool]) -> None:
        self.size = size
        self._make = make
        self._pool: Pool | None = None

    def start(self) -> Pool:
        """Make the pool, unless it is there; what was made."""
        self._pool = self._pool or self._make()
        return self._pool

    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        """Queue a group, in a pool that starts now at the latest."""
        self.start().submit(group, files)

    def poll(self, timeout: float) -> list[Event]:
        """What was said since the last poll."""
        if self._pool is None:
            time.sleep(timeout)
            return []
        return self._pool.poll(timeout)

    def stop(self, key: str) -> None:
        """Pass the request on."""
        if self._pool is not None:
            self._pool.stop(key)

    @property
    def free_workers(self) -> int:
        """Idle workers; all of them while there are none yet."""
        return self.size if self._pool is None else self._pool.free_workers

    def files(self, runs: Path) -> Files:
        """As the pool's workers exchange them, which start now at the latest."""
        return self.start().files(runs)

    def close(self) -> None:
        """End the pool, if there is one."""
        if self._pool is not None:
            self._pool.close()
