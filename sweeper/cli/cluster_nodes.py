"""The nodes of a cluster as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeper.cli.render import bold, facts, number, table, warn

COLUMNS = ("node", "CPUs", "GPUs", "memory free", "disk free", "data folder", "versions")


def shown_nodes(document: Mapping[str, Any]) -> str:
    """This machine's versions, the nodes, and what is wrong last."""
    nodes = document["nodes"]
    many = "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
    cpus, gpus = (sum(node[name] for node in nodes) for name in ("cpus", "gpus"))
    title = f"{bold('cluster ' + document['cluster'])}: {many}, {number(cpus)} CPUs, {number(gpus)} GPUs"
    problems = [warn(f"! {line}") for line in document["problems"]] or ["Every node can train."]
    versions = f"{bold('versions here')}\n{facts(document['versions'].items())}"
    return "\n\n".join([versions, f"{title}\n{table(COLUMNS, map(_row, nodes))}", _data(document), "\n".join(problems)])


def _row(node: Mapping[str, Any]) -> tuple[object, ...]:
    gpus = " ".join([number(node["gpus"]), *node["devices"]])
    if node["versions"] is None:
        return (node["node"], node["cpus"], gpus, "?", "?", "?", "no answer")
    there, same = "there" if node["data"] else "not there", "as here" if node["ok"] else "others"
    free = (_gigabytes(node[name]) for name in ("free_memory", "free_disk"))
    return (node["node"], node["cpus"], gpus, *free, there, same)


def _data(document: Mapping[str, Any]) -> str:
    """That a node lacks the folder is no fault."""
    return f"data folder: {document['folder']}\nThe driver sends each node its data; a node needs no folder of its own."


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
