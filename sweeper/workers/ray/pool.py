"""Workers on a cluster: ordered, fed one group at a time, heard, and replaced when they or their node are lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from sweeper.errors import SweeperError
from sweeper.trial import Failure, Remark, TrialResult, TrialSpec, TrialStatus
from sweeper.workers.base import HERE, Event, Files, Pool, WorkerLost
from sweeper.workers.cluster import LOCAL, Cluster
from sweeper.workers.ray import nodes
from sweeper.workers.ray.attendance import Attendance
from sweeper.workers.ray.connection import Connection, check_installed
from sweeper.workers.ray.delivery import Deliveries, Delivery
from sweeper.workers.ray.nodes import Demand
from sweeper.workers.ray.parcels import Said, put
from sweeper.workers.ray.remote import RemoteWorker, broken, explain, order
from sweeper.workers.ray.station import StationOptions
from sweeper.workers.run_group import Job, Target, failure_of, train_group

TICK = 0.5
"""Seconds that one look at the workers waits."""

LOOK = 3.0
"""Seconds from one look at the cluster's nodes to the next."""

FAREWELL = 5.0
"""Seconds that actors have to leave nothing behind on their nodes."""

FAILED_STARTS = 3
"""So many actors in a row that ended before they said anything mean that none ever will."""


class RayPool(Pool):
    """Workers that are actors of a Ray cluster, wherever it has room for them.

    Everything that is heard from them is heard in one thread of the pool. They end with this process, however it ends.

    Args:
        size: how many workers; 0 for as many as the cluster has room for, also when that changes.
        cluster: which, and what each worker takes.
        cores: processors of this machine, for a local cluster.
        target: what they run.
        threads: that each worker's libraries may use.
        deadline: seconds that a trial may take (a group: for each member); 0 for none.
        memory: bytes that each worker may take for itself; 0 for no limit.
        at_once: whether they start now; else on request, or with the first group.
    """

    def __init__(
        self,
        size: int,
        cluster: Cluster,
        cores: int,
        *,
        target: Target = train_group,
        threads: int = 1,
        deadline: float = 0.0,
        memory: int = 0,
        at_once: bool = True,
    ) -> None:
        """Connects, if the workers shall start now, and does not wait for them.

        Raises:
            InputError: there is no such cluster, or its nodes cannot hold or run such a worker.
        """
        check_installed()
        self._asked, self._cluster, self._cores = size, cluster, cores
        self._demand = Demand(cluster.cpus or threads, cluster.gpus, memory)
        self._options = StationOptions("", target, threads, deadline, memory, nodes.PACKAGES)
        self._deliveries = Deliveries() if target is train_group else None
        self.size = size or cores
        self._workers: list[RemoteWorker] = []
        self._queue: deque[tuple[Job, Delivery | None]] = deque()
        self._early_stops: set[str] = set()
        self._events: list[Event] = []
        self._excluded: list[str] = []
        self._failed_starts, self._looked = 0, 0.0
        self._attendance = Attendance()
        self._closing = False
        self._broken: Exception | None = None
        self._connection: Connection | None = None
        self._lock = threading.Condition(threading.RLock())
        self._thread: threading.Thread | None = None
        if at_once:
            self.start()

    def start(self) -> None:
        """Connect, look whether the nodes will do, and order the workers, unless that was done."""
        if self._thread is not None:
            return
        local = max(self._cores, (self._asked or 1) * self._demand.cpus)
        self._connection = Connection(self._cluster, local)
        try:
            found = nodes.living()
            nodes.check_room(found, self._demand)
            if self._cluster.address != LOCAL:
                nodes.check_versions(nodes.examined(found))
            self._options = replace(self._options, driver=self._connection.driver)
            self._look_at_nodes()
        except BaseException:
            self._connection.close()
            raise
        self._thread = threading.Thread(target=self._tend, name="cluster", daemon=True)
        self._thread.start()

    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        """Queue a group; an idle worker takes it at once. Data that are new are read here, and put into the cluster.

        Raises:
            InputError: the data are not there.
        """
        self.start()
        delivery = self._deliveries.of(group[0]) if self._deliveries else None
        with self._lock:
            self._queue.append(((list(group), files), delivery))
            self._dispatch()

    def poll(self, timeout: float) -> list[Event]:
        """What was said since the last poll.

        Raises:
            SweeperError: no worker can be had any more.
        """
        with self._lock:
            self._lock.wait_for(lambda: self._events or self._broken, timeout)
            events, self._events = self._events, []
            if not events and self._broken:
                raise self._broken
            return events

    def stop(self, key: str) -> None:
        """Pass the request on to the worker that has the trial, or keep it until one has."""
        with self._lock:
            for worker in self._workers:
                if key in worker.waiting:
                    worker.stop(key)
                    return
            if any(spec.key == key for (group, _), _ in self._queue for spec in group):
                self._early_stops.add(key)

    @property
    def free_workers(self) -> int:
        """Idle workers that the cluster has really given, beyond what is queued."""
        with self._lock:
            return max(0, sum(worker.free for worker in self._workers) - len(self._queue))

    @property
    def nodes(self) -> list[str]:
        """The name of each worker's node, of those that are there."""
        with self._lock:
            return [worker.node for worker in self._workers if worker.node]

    def close(self) -> None:
        """End all actors and the connection. What was running is lost without a word."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        if self._thread is not None:
            self._thread.join()
            self._dismiss()
        if self._connection is not None:
            self._connection.close()

    def _tend(self) -> None:
        """The pool's thread."""
        try:
            while not self._closing and not self._broken:
                self._listen()
        except Exception as error:  # noqa: BLE001 - a dead thread would leave the driver waiting for ever
            with self._lock:
                self._broken = SweeperError(f"the cluster was lost: {error!r}")
                self._lock.notify_all()

    def _listen(self) -> None:
        import ray

        with self._lock:
            calls = {worker.call: worker for worker in self._workers}
        ready, _ = ray.wait(list(calls), num_returns=1, timeout=TICK) if calls else ([], [])
        if ready and len(calls) > 1:
            ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        with self._lock:
            for call in ready:
                self._hear(calls[call], call)
            if monotonic() - self._looked >= LOOK:
                self._look_at_nodes()
            self._dispatch()
            if self._events or self._broken:
                self._lock.notify_all()

    def _look_at_nodes(self) -> None:
        """Order what is missing, and say so where the cluster has no room for it."""
        self._looked = monotonic()
        usable = [node for node in nodes.living() if node["NodeID"] not in self._excluded]
        wanted = self._asked or max(1, nodes.capacity(usable, self._demand))
        pending = [worker for worker in self._workers if not worker.node]
        while len(self._workers) > wanted and pending:
            self._workers.remove(worker := pending.pop())
            worker.kill()
        while len(self._workers) < wanted:
            self._workers.append(order(self._options, self._demand, self._excluded))
        self.size = wanted
        if text := self._attendance.news(sum(1 for worker in self._workers if worker.node), wanted):
            self._events.append(Remark((), text))

    def _dispatch(self) -> None:
        for worker in self._workers:
            if not self._queue:
                return
            if worker.free:
                (group, files), delivery = self._queue.popleft()
                worker.give(group, files, delivery)
                for spec in group:
                    if spec.key in self._early_stops:
                        self._early_stops.discard(spec.key)
                        worker.stop(spec.key)

    def _hear(self, worker: RemoteWorker, call: Any) -> None:
        import ray

        try:
            answer = ray.get(call)
        except Exception as error:  # noqa: BLE001 - Ray has many; each means that this actor is of no use any more
            self._bury(worker, error)
            return
        if not worker.node:
            self._welcome(worker, answer)
        else:
            self._events += [event for said in answer for event in self._received(worker, said)]
        if worker in self._workers:
            worker.ask()

    def _welcome(self, worker: RemoteWorker, facts: dict[str, Any]) -> None:
        """A worker is there; one whose node would give other numbers is sent away, and comes to no such node again."""
        if why := nodes.difference(facts):
            self._excluded.append(facts["id"])
            self._workers.remove(worker)
            worker.kill()
            self._events.append(Remark((), f"{why}: nothing is trained there"))
            return
        worker.node, self._failed_starts = facts["node"], 0

    def _received(self, worker: RemoteWorker, said: Said) -> list[Event]:
        """What a worker said, once its files are here."""
        event, notes = said.event, list[Event]()
        for parcel in said.parcels:
            try:
                put(parcel, worker.files)
            except OSError as error:
                failure = Failure(failure_of(error).kind, f"{error.strerror}: {parcel.name}")
                if isinstance(event, TrialResult):
                    event = TrialResult(event.key, TrialStatus.FAILED, failure=failure)
                else:
                    notes.append(Remark(tuple(worker.waiting), f"its checkpoint is not kept: {failure.message}"))
        gone = {event.key} if isinstance(event, TrialResult) else set(getattr(event, "keys", ()))
        if isinstance(event, TrialResult | WorkerLost):
            worker.waiting = [key for key in worker.waiting if key not in gone]
        return [*notes, event]

    def _bury(self, worker: RemoteWorker, error: Exception) -> None:
        self._workers.remove(worker)
        worker.kill()
        death = explain(error, worker.node)
        if worker.waiting:
            self._events.append(WorkerLost(tuple(worker.waiting), death.reason, death.outside))
        self._failed_starts += not worker.node and not death.node
        self._broken = self._broken or broken(error, worker.node)
        if self._failed_starts >= FAILED_STARTS:
            last = str(error).strip().splitlines()[-1:]
            self._broken = SweeperError(
                f"no worker can start: {FAILED_STARTS} in a row ended, with {last[0] if last else error!r}"
            )

    def _dismiss(self) -> None:
        """Let the actors clean up, for a moment, and end them."""
        import ray

        calls = [worker.actor.close.remote() for worker in self._workers if worker.node]
        if calls:
            ray.wait(calls, num_returns=len(calls), timeout=FAREWELL)
        for worker in self._workers:
            worker.kill()
