"""The nodes of a cluster: how many workers they have room for, and whether they can run ours at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.errors import InputError
from sweeper.workers.ray.probe import examine

PACKAGES = ("sweeper", "tensorflow", "keras", "numpy")
"""Whose versions have to be the same on all nodes, with Python's."""

ANSWER = 60.0
"""Seconds that a node has for an answer."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one worker takes: processors, graphics processors, bytes of memory (0 where nobody said)."""

    cpus: int
    gpus: float = 0.0
    memory: int = 0

    @property
    def parts(self) -> dict[str, float]:
        """Amounts by Ray's names, without what is not asked for."""
        parts = {"CPU": float(self.cpus), "GPU": self.gpus, "memory": float(self.memory)}
        return {name: amount for name, amount in parts.items() if amount}

    @property
    def options(self) -> dict[str, Any]:
        """For an actor."""
        return {"num_cpus": self.cpus, "num_gpus": self.gpus} | ({"memory": self.memory} if self.memory else {})

    def room(self, resources: Mapping[str, float]) -> int:
        """How many workers a node with these resources holds."""
        return min(int(resources.get(name, 0.0) / amount + 1e-9) for name, amount in self.parts.items())


def living() -> list[dict[str, Any]]:
    """The nodes that are there, as Ray describes them."""
    import ray

    return [node for node in ray.nodes() if node["Alive"]]


def capacity(nodes: Iterable[Mapping[str, Any]], demand: Demand) -> int:
    """How many workers the nodes hold together."""
    return sum(demand.room(node["Resources"]) for node in nodes)


def check_room(nodes: Sequence[Mapping[str, Any]], demand: Demand) -> None:
    """Raises InputError where no node can hold even one worker: it names what is too much."""
    if any(demand.room(node["Resources"]) for node in nodes):
        return
    said = {
        "CPU": ("processors", "--cpus-per-worker"),
        "GPU": ("GPUs", "--gpus-per-worker"),
        "memory": ("bytes of memory", "--memory"),
    }
    for name, amount in demand.parts.items():
        most = max((node["Resources"].get(name, 0.0) for node in nodes), default=0.0)
        if most < amount:
            what, option = said[name]
            raise InputError(
                f"{option} {amount:g}: no node of the cluster has so many {what}; the most is {most:g}",
                hint="ask for less, or start a node that has them first",
                key=option,
            )
    raise InputError("no node of the cluster has room for a worker with all that is asked for", key="--cluster")


def examined(nodes: Sequence[Mapping[str, Any]], folder: str = "") -> list[dict[str, Any]]:
    """What each node says of itself (``probe``, also of a data folder), where it answers; with its id as ``id``."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    from sweeper.workers.ray import probe

    ray.cloudpickle.register_pickle_by_value(probe)
    try:
        ask = ray.remote(num_cpus=0)(examine)
        calls = {
            ask.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote(
                PACKAGES, folder
            ): node
            for node in nodes
        }
    finally:
        ray.cloudpickle.unregister_pickle_by_value(probe)
    found = []
    ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=ANSWER) if calls else ([], [])
    for call in ready:
        try:
            found.append(ray.get(call) | {"id": calls[call]["NodeID"]})
        except ray.exceptions.RayError:  # it left the cluster meanwhile
            continue
    return found


def difference(facts: Mapping[str, Any]) -> str:
    """In which version a node differs from this machine, naming both; empty where it does not."""
    here = examine(PACKAGES)["versions"]
    there = facts["versions"]
    for name, version in here.items():
        if there.get(name) != version:
            theirs = f"{name} {there[name]}" if there.get(name) else f"no {name}"
            return f"the node {facts['node']} has {theirs}, and this machine {name} {version}"
    return ""


def check_versions(found: Iterable[Mapping[str, Any]]) -> None:
    """Raises InputError where a node's versions differ from this machine's."""
    for facts in found:
        if why := difference(facts):
            raise InputError(
                why, hint="install the same there: the same numbers need the same versions", key="--cluster"
            )
