"""The two ends of a pool's processes: they are killed, or wait for another driver."""

from __future__ import annotations

from collections.abc import Mapping
from multiprocessing.connection import wait
from typing import Any

from sweeper.workers.fork_client import ForkClient
from sweeper.workers.worker import Worker


def end_workers(server: ForkClient, workers: Mapping[int, Worker]) -> None:
    """Kill the workers, wait until the server has reaped them, and end it too.

    Args:
        server: theirs.
        workers: by their numbers.
    """
    for worker in workers.values():
        worker.kill()
    left = {number for number, worker in workers.items() if worker.pid}
    source: Any = server
    while left and wait([source], 2.0):
        try:
            left -= {news.number for news in server.news() if news.status is not None}
        except EOFError:
            break
    server.stop()
    _close_pipes(workers)


def leave_workers(server: ForkClient, workers: Mapping[int, Worker]) -> None:
    """Leave all to a warm server's copy: workers that are idle and have done some work may wait for another driver.

    Args:
        server: the copy.
        workers: by their numbers.
    """
    for worker in workers.values():
        if worker.has_worked:
            worker.inform(("wait", None))
        else:  # it may be loading data, and would hold what this process has given it until then
            worker.kill()
    server.leave()
    _close_pipes(workers)


def _close_pipes(workers: Mapping[int, Worker]) -> None:
    for worker in workers.values():
        worker.pipe.close()
