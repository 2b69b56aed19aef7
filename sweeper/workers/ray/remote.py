"""The driver's view of one actor: what it has, and why it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sweeper.errors import SweeperError
from sweeper.trial import TrialSpec
from sweeper.workers.base import HERE, Files
from sweeper.workers.ray.delivery import Delivery
from sweeper.workers.ray.nodes import Demand
from sweeper.workers.ray.parcels import pack
from sweeper.workers.ray.station import NEWS, Station, StationOptions
from sweeper.workers.worker import Death

WAIT = 10.0
"""Seconds that a call for news waits on the node."""


@dataclass(eq=False)
class RemoteWorker:
    """One actor.

    Attributes:
        actor: its handle.
        call: the answer that is waited for: first who it is, then news.
        node: its name; empty while the actor waits for room in the cluster.
        waiting: keys of the trials without a result, in order.
        files: finds the files of its group on this side.
    """

    actor: Any
    call: Any
    node: str = ""
    waiting: list[str] = field(default_factory=list)
    files: Files = HERE

    @property
    def free(self) -> bool:
        """Can take a group."""
        return bool(self.node) and not self.waiting

    def give(self, group: Sequence[TrialSpec], files: Files, delivery: Delivery | None) -> None:
        """Hand over a group, with its checkpoint, and where its data are."""
        self.waiting, self.files = [spec.key for spec in group], files
        name = group[0].checkpoint
        self.actor.submit.remote(list(group), pack(name, files) if name else None, delivery)

    def stop(self, key: str) -> None:
        """Ask that a trial stop."""
        self.actor.stop.remote(key)

    def ask(self) -> None:
        """Call for news."""
        self.call = self.actor.news.remote(WAIT)

    def kill(self) -> None:
        """End the actor at once, and with it its process."""
        import ray

        with suppress(Exception):  # it has gone already, or the cluster has
            ray.kill(self.actor)


def order(options: StationOptions, demand: Demand, excluded: Sequence[str] = ()) -> RemoteWorker:
    """Ask the cluster for another worker; it comes when there is room.

    Args:
        options: of the worker.
        demand: what it takes.
        excluded: ids of nodes that it must not be on.
    """
    import ray
    from ray.util.scheduling_strategies import NodeLabelSchedulingStrategy, NotIn

    where: Any = NodeLabelSchedulingStrategy({"ray.io/node-id": NotIn(*excluded)}) if excluded else "SPREAD"
    kind = ray.remote(concurrency_groups={NEWS: 1})(Station)
    actor = kind.options(scheduling_strategy=where, **demand.options).remote(options)
    return RemoteWorker(actor, actor.hello.remote())


@dataclass(frozen=True, slots=True)
class ActorDeath(Death):
    """Why an actor is gone, and whether its whole node is."""

    node: bool = False


def explain(error: Exception, node: str) -> ActorDeath:
    """Why an actor is gone: the node left, Ray ended it for want of memory, or somebody killed it."""
    text = str(error)
    where = f" on {node}" if node else ""
    if "NODE_OUT_OF_MEMORY" in text or "OutOfMemory" in type(error).__name__ or "memory monitor" in text:
        return ActorDeath(f"killed by Ray for want of memory{where}", outside=False)
    if any(sign in text for sign in ("node has died", "node died", "NODE_DIED", "Node died", "node was terminated")):
        return ActorDeath(f"the node {node} left the cluster", outside=True, node=True)
    if type(error).__name__ == "ActorUnavailableError":
        return ActorDeath(f"no connection to the node {node}", outside=True)
    return ActorDeath(f"its actor was killed{where}", outside=True)


def broken(error: Exception, node: str) -> SweeperError | None:
    """What an actor raised, which another one would raise, too; None where it was lost instead."""
    import ray

    if not isinstance(error, ray.exceptions.RayTaskError):
        return None
    cause = error.cause if isinstance(error.cause, Exception) else error
    text = cause.message if isinstance(cause, SweeperError) else str(cause)
    return SweeperError(f"the workers broke on {node or 'a node'}: {text.strip().splitlines()[-1]}")
