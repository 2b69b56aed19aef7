"""A Ray of this machine for the tests of a file, where ``SWEEPER_RAY=1`` asks for it.

A Ray takes half a minute of two processors to start, and what runs beside it is late: on a busy machine both fail.
"""

import os
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from sweeper.workers.cluster import LOCAL, Cluster

LOCAL_RAY = Cluster(LOCAL)


def skip_unless_asked():
    """Skip, and say what runs it, unless Ray is asked for and here."""
    if not os.environ.get("SWEEPER_RAY"):
        pytest.skip("a Ray of its own is started only with SWEEPER_RAY=1, on a machine that does little else")
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'sweeper[ray]'")


@contextmanager
def local_ray(cpus=2):
    """Pools join it, and leave it as it is; its workers find ``targets``."""
    skip_unless_asked()
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
