"""A Ray of this machine for the tests of a file; those are skipped where Ray is not installed."""

import os
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from sweeper.workers.cluster import LOCAL, Cluster

LOCAL_RAY = Cluster(LOCAL)


@contextmanager
def local_ray(cpus=2):
    """Pools join it, and leave it as it is; its workers find ``targets``."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'sweeper[ray]'")
    from sweeper.workers.ray.connection import Connection

    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parent), before]))
    connection = Connection(LOCAL_RAY, cpus)
    try:
        yield connection
    finally:
        connection.close()
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def all_there(pool, timeout=120.0):
    """The pool, once that all of its workers are there; what it said meanwhile is forgotten."""
    limit = time.monotonic() + timeout
    while pool.free_workers < pool.size:
        assert time.monotonic() < limit, f"{pool.free_workers} of {pool.size} workers after {timeout} s"
        assert pool.poll(0.1) == []
    return pool
