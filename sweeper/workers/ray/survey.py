"""A whole cluster as it is now: what each node has, and whether it can run our workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.system.process import cores
from sweeper.workers.cluster import Cluster
from sweeper.workers.ray import nodes
from sweeper.workers.ray.connection import Connection
from sweeper.workers.ray.probe import examine

_ACCELERATOR = "accelerator_type:"


def survey(cluster: Cluster, folder: str) -> dict[str, Any]:
    """Join a cluster, ask every node what it has, and leave.

    Args:
        cluster: which.
        folder: of data, of which each node says whether it sees it.

    Returns:
        ``here``, the versions of this machine; ``nodes``, as ``described`` gives them.

    Raises:
        InputError: there is no such cluster, or Ray is not installed.
        SweeperError: it cannot be used.
    """
    connection = Connection(cluster, cores())
    try:
        living = nodes.living()
        return {"here": examine(nodes.PACKAGES)["versions"], "nodes": described(living, nodes.examined(living, folder))}
    finally:
        connection.close()


def described(living: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The nodes of a cluster, by name.

    Args:
        living: as Ray describes them.
        found: what they say of themselves; nothing of those that did not answer.

    Returns:
        For each ``node`` (its name), ``id``, ``address``, and what workers may take of it: ``cpus``, ``gpus``, bytes of
        ``memory``; the names of its ``devices``; ``facts`` as ``probe`` has them, None where it did not answer; and
        ``why`` it can train nothing of ours, empty where it can.
    """
    said = {facts["id"]: facts for facts in found}
    every = [_described(node, said.get(node["NodeID"])) for node in living]
    return sorted(every, key=lambda node: (node["node"], node["address"], node["id"]))


def _described(node: Mapping[str, Any], facts: Mapping[str, Any] | None) -> dict[str, Any]:
    resources: Mapping[str, float] = node["Resources"]
    name = facts["node"] if facts else node["NodeManagerHostname"]
    why = nodes.difference(facts) if facts else f"the node {name} did not answer within {nodes.ANSWER:g} s"
    return {
        "node": name,
        "id": node["NodeID"],
        "address": node["NodeManagerAddress"],
        "cpus": resources.get("CPU", 0.0),
        "gpus": resources.get("GPU", 0.0),
        "memory": int(resources.get("memory", 0.0)),
        "devices": [each.removeprefix(_ACCELERATOR) for each in resources if each.startswith(_ACCELERATOR)],
        "facts": facts,
        "why": why,
    }
