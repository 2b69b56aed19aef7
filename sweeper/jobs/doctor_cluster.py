"""``sweeper doctor --cluster``: the nodes of a cluster, and which of them can train."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sweeper.workers.cluster import Cluster


def examine_cluster(cluster: Cluster, runs: Path) -> dict[str, Any]:
    """Ask every node of a cluster what it has; nothing is trained, and nothing written.

    Args:
        cluster: which.
        runs: the runs folder, where data are unless ``SWEEPER_DATA`` says otherwise.

    Returns:
        ``ok``, ``problems``, ``cluster`` (its address), ``versions`` (of this machine), ``folder`` (of data), and
        ``nodes``: each with ``node``, ``id``, ``address``, ``cpus``, ``gpus``, ``memory`` (bytes that workers may take
        together), ``devices``, ``ok``, and, null where it did not answer, ``versions``, ``cores``, bytes of
        ``free_memory`` and ``free_disk``, and ``data``, whether the folder is there, too.

    Raises:
        InputError: there is no such cluster, or Ray is not installed.
        SweeperError: it cannot be used.
    """
    from sweeper.workers.ray.survey import survey

    folder = Path(os.environ.get("SWEEPER_DATA") or runs / "data").absolute()
    found = survey(cluster, str(folder))
    problems = [node["why"] for node in found["nodes"] if node["why"]]
    return {
        "ok": not problems,
        "problems": problems,
        "cluster": cluster.address,
        "versions": found["here"],
        "folder": str(folder),
        "nodes": [_flat(node) for node in found["nodes"]],
    }


def _flat(node: dict[str, Any]) -> dict[str, Any]:
    facts = node["facts"] or {}
    own = {name: facts.get(name) for name in ("versions", "cores", "free_memory", "free_disk", "data")}
    kept = {name: value for name, value in node.items() if name not in {"facts", "why"}}
    return kept | own | {"ok": not node["why"]}
