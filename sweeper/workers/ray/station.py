"""The actor: it keeps a pool of one process on its node, hands groups to it, and answers calls for news."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sweeper.trial import NOBODYS, Failure, TrialResult, TrialSpec, TrialStatus
from sweeper.workers.base import Event
from sweeper.workers.process_pool import ProcessPool
from sweeper.workers.ray.delivery import Delivered, Delivery, unpack
from sweeper.workers.ray.parcels import NodeFiles, Outgoing, Parcel, Said, put
from sweeper.workers.ray.place import Place
from sweeper.workers.ray.probe import examine
from sweeper.workers.run_group import Target, failure_of, train_group

NEWS = "news"
"""The concurrency group of calls for news, which wait while orders are carried out, one after the other, in another."""

TICK = 0.25
"""Seconds after which a call for news looks again whether there is something of its own to say."""


@dataclass(frozen=True, slots=True)
class StationOptions:
    """What a worker of a cluster shall be like.

    Attributes:
        driver: a name that no other driver has.
        target, threads, deadline, memory: as of ``ProcessPool``.
        packages: of which the driver wants to know the versions.
    """

    driver: str
    target: Target
    threads: int
    deadline: float
    memory: int
    packages: tuple[str, ...]


class Station:
    """One worker of a cluster, as an actor."""

    def __init__(self, options: StationOptions) -> None:
        """Its process starts at once, and its libraries are imported while the driver does other things."""
        _hide_gpus_of_others()
        self._place = Place(options.driver)
        self._files = NodeFiles(self._place.own)
        self._facts = examine(options.packages)
        target = options.target
        self._delivers = target is train_group
        if self._delivers:
            target = partial(train_group, load=Delivered(str(self._place.shared)))
        self._pool = ProcessPool(
            1, target=target, threads=options.threads, deadline=options.deadline, memory=options.memory
        )
        self._outgoing = Outgoing((), self._files)
        self._own: deque[Event] = deque()

    def hello(self) -> dict[str, Any]:
        """Facts of the node, as ``probe`` has them, and its ``id``."""
        import ray

        return self._facts | {"id": ray.get_runtime_context().get_node_id()}

    def submit(self, group: Sequence[TrialSpec], checkpoint: Parcel | None, delivery: Delivery | None) -> None:
        """Train a group; the one before it has ended."""
        self._outgoing = Outgoing((), self._files)
        self._files.clear()
        try:
            if delivery is not None:
                unpack(delivery, self._place.shared)
            if checkpoint is not None:
                put(checkpoint, self._files)
            self._outgoing = Outgoing(group, self._files)
            self._pool.submit(group, self._files)
        except Exception as error:  # noqa: BLE001 - nobody waits for this call; the trials have to be answered for
            failure = self._at_home(failure_of(error))
            self._own.extend(TrialResult(spec.key, TrialStatus.FAILED, failure=failure) for spec in group)

    def stop(self, key: str) -> None:
        """Ask that a trial stop."""
        self._pool.stop(key)

    def news(self, seconds: float) -> list[Said]:
        """What was said since the last call; waits up to so many seconds for some."""
        limit = time.monotonic() + seconds
        while True:
            events = [*self._drained(), *self._pool.poll(min(TICK, seconds))]
            if events or time.monotonic() >= limit:
                return [self._outgoing.with_files(self._signed(event)) for event in events]

    def close(self) -> None:
        """End the process, and leave nothing on the node."""
        self._pool.close()
        self._place.leave()

    def _drained(self) -> list[Event]:
        return [self._own.popleft() for _ in range(len(self._own))]  # nobody else takes any

    def _signed(self, event: Event) -> Event:
        """A result says on which node it was trained."""
        if not isinstance(event, TrialResult):
            return event
        failure = self._at_home(event.failure) if event.failure else None
        return replace(event, worker=f"{event.worker}@{self._facts['node']}", failure=failure)

    def _at_home(self, failure: Failure) -> Failure:
        """A disk is one of many: say whose."""
        if failure.kind not in NOBODYS:
            return failure
        return replace(failure, message=f"{failure.message} on {self._facts['node']}")


# What ``ray.method(concurrency_group=...)`` does, without Ray being imported before it is set up. A client of a cluster
# takes no group with a call.
Station.news.__ray_concurrency_group__ = NEWS  # type: ignore[attr-defined]


def _hide_gpus_of_others() -> None:
    """Ray shows an actor the GPUs that it asked for; one that asked for none shall not take those of others."""
    import ray

    if not ray.get_gpu_ids():
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
