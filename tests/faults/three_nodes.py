"""A cluster of three nodes on this machine, from which nodes are taken, and to which others come."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import targets
from on_ray import skip_unless_asked


class Nodes:
    """Three nodes of one processor each; the driver is on the first."""

    def __init__(self):
        from ray.cluster_utils import Cluster as LocalCluster

        self.cluster = LocalCluster()
        for _ in range(3):
            self.join()

    @property
    def address(self):
        return self.cluster.address

    def join(self):
        """Another node; on a busy machine Ray may not wait long enough for its own servers."""
        for left in (2, 1, 0):
            try:
                self.cluster.add_node(num_cpus=1, include_dashboard=False)
            except Exception as error:
                if not left or "timed out during startup" not in str(error):
                    raise
            else:
                return

    def leave(self, which=0):
        """One of the others than the driver's goes without a word."""
        self.cluster.remove_node(list(self.cluster.worker_nodes)[which], allow_graceful=False)

    def actors(self):
        """Process ids of the workers' actors, and of nothing else of Ray."""
        raylets = [each.process.pid for node in self.cluster.list_all_nodes() for each in node.all_processes["raylet"]]
        return [pid for raylet in raylets for pid in _children(raylet) if _title(pid).startswith(b"ray::Station")]

    def shutdown(self):
        self.cluster.shutdown()


@contextmanager
def three_nodes():
    """The nodes, with this process a driver of theirs, too; their workers find ``targets``."""
    skip_unless_asked()
    import ray

    from sweeper.workers.ray.connection import ONE_MACHINE, QUIET

    with pytest.MonkeyPatch.context() as patch:
        for name, value in (QUIET | ONE_MACHINE | {"PYTHONPATH": str(Path(targets.__file__).parent)}).items():
            patch.setenv(name, value)
        made = Nodes()
        ray.init(address=made.address, log_to_driver=False, logging_level="CRITICAL")
        yield made
        ray.shutdown()
        made.shutdown()


def environment(nodes):
    """Of a driver of its own process."""
    return os.environ | {"RAY_ADDRESS": nodes.address}


def all_free(timeout=60.0):
    """Whether, soon, no actor has a processor."""
    import ray

    limit = time.monotonic() + timeout
    while ray.available_resources().get("CPU") != ray.cluster_resources()["CPU"]:
        if time.monotonic() > limit:
            return False
        time.sleep(0.2)
    return True


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _title(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
