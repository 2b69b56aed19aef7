"""A fork server that waits for drivers: ``python -P -m sweeper.workers.warm_server IDLE LEADER``.

For each driver it forks a copy that has TensorFlow loaded already, and that is this driver's own fork server from
then on: it ends with its driver, not with the warm server. The last one whose driver has ended well waits for the next
driver, with its workers and all that these have in memory.
"""

from __future__ import annotations

import importlib
import sys
import threading

from sweeper.system.warm.server import keep
from sweeper.system.warm.spare import Visit
from sweeper.workers.early import TRAINER, WARM
from sweeper.workers.fork_server import Setup, load, stand_apart, work_for


def main(idle: float, leader: str) -> None:
    """Wait for drivers; in a copy, work for one."""
    visit = keep(WARM, _load, idle=idle, leader=leader)
    if visit is not None:
        _work(visit)


def _load() -> None:
    for name in (*TRAINER, "sweeper.workers.worker_main"):
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise RuntimeError("an import has started a thread, which no copy would have")


def _work(visit: Visit) -> None:
    stand_apart()
    setup = Setup(**visit.asked["setup"])
    load(setup.path, setup.preload)
    work_for(visit.channel, setup, visit)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
