"""Where a call trains, as keyword arguments."""

from __future__ import annotations

import os

from sweeper.errors import InputError
from sweeper.workers.cluster import Cluster

_CLUSTER = "SWEEPER_CLUSTER"


def cluster_of(address: str | None, cpus: int | None, gpus: float | None) -> Cluster:
    """The cluster that the arguments name.

    Args:
        address: as given; ``SWEEPER_CLUSTER`` if it is not, and the machine itself where it is empty.
        cpus: that each worker takes.
        gpus: likewise.

    Raises:
        InputError: it is no address, a number is too small, or something is asked of no cluster.
    """
    if cpus is not None and cpus < 1:
        raise InputError(f"cpus_per_worker={cpus}: a worker takes at least 1", key="cpus_per_worker")
    if gpus is not None and not 0 <= gpus < float("inf"):
        raise InputError(f"gpus_per_worker={gpus}: a number from 0 is needed", key="gpus_per_worker")
    return Cluster(os.environ.get(_CLUSTER, "") if address is None else address, int(cpus or 0), float(gpus or 0.0))


def options_of(cluster: Cluster) -> dict[str, object]:
    """The same on the command line, what is not said as None."""
    return {
        "cluster": cluster.address or None,
        "cpus_per_worker": cluster.cpus or None,
        "gpus_per_worker": cluster.gpus or None,
    }
