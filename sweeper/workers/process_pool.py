"""Real worker processes: forked ready-made, fed one group at a time, watched, and replaced when they die."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from sweeper.config.datasets import DATASETS
from sweeper.config.schema import Dataset, Validation
from sweeper.data.split import Split
from sweeper.errors import SweeperError
from sweeper.system.process import AwakeClock
from sweeper.trial import TrialSpec
from sweeper.workers.base import HERE, Event, Files, Pool, WorkerLost
from sweeper.workers.early import TRAINER
from sweeper.workers.ending import end_workers, leave_workers
from sweeper.workers.fork_client import LAST_WAIT, ForkClient
from sweeper.workers.handed import Offer
from sweeper.workers.run_group import Job, Target, train_group
from sweeper.workers.worker import Death, Worker, explain

TICK = 1.0
"""Seconds from one check of the deadlines to the next."""

BIRTH = 180.0
"""Seconds after which a fork server that has not made a worker that was ordered counts as hung."""

LAST_WORDS = 50
"""So many fiftieths of a second has a worker that gave its last result to say that it is idle."""

FAILED_STARTS = 3
"""So many workers in a row that ended before they were ready mean that none will ever be."""


class ProcessPool(Pool):
    """Workers in processes of their own, which start while the caller goes on.

    Everything about the processes happens in one thread of the pool, so an idle worker gets the next group, and a death
    is seen, however busy the caller is.

    Args:
        size, target, threads: how many workers, what they run, and the threads that each one's libraries may use.
        deadline: seconds that a trial may take (a group: for each member) before its worker is killed; 0 for none.
        silence: seconds without any report after which a worker counts as hung and is killed; 0 for none.
        memory: bytes that each worker may take for itself; 0 for no limit.
        at_once: whether they start now; else on request, or with the first group: where nothing is left to run, never.
    """

    _server: ForkClient
    _wake_reader: Connection[Any, Any]
    _wake_writer: Connection[Any, Any]

    def __init__(
        self,
        size: int,
        *,
        target: Target = train_group,
        threads: int = 1,
        deadline: float = 0.0,
        silence: float = 1800.0,
        memory: int = 0,
        at_once: bool = True,
    ) -> None:
        """Starts the workers, if they shall start now, and returns at once."""
        self.size, self._deadline, self._silence = size, deadline, silence
        preload = TRAINER if getattr(target, "func", target) is train_group else ()
        self._server_arguments = (target, threads, memory, preload)
        self._ahead: Offer | None = None
        self._workers: dict[int, Worker] = {}
        self._born = self._failed_starts = 0
        self._queue: deque[Job] = deque()
        self._early_stops: set[str] = set()
        self._events: list[Event] = []
        self._closing = self._leaving = False
        self._broken: Exception | None = None
        self._clock = AwakeClock()
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None
        if at_once:
            self.start()

    def start(self) -> None:
        """Start the workers, unless they are there."""
        if self._thread is None:
            self._server = ForkClient(*self._server_arguments, warm=True)
            self.wants_examples = not self._server.warm
            self._wake_reader, self._wake_writer = Pipe(duplex=False)
            self._thread = threading.Thread(target=self._tend, name="workers", daemon=True)
            self._thread.start()

    def prepare(self, dataset: Dataset, validation: Validation, split: Split | None = None) -> None:
        """Have workers that train load these data as soon as they can, or take those that are read.

        New workers wait for a set of the catalog. Data of one's own may be large: all read them, side by side.
        """
        waits = self.wants_examples and split is None and not DATASETS[dataset.name].is_file
        if self._server_arguments[0] is not train_group or waits:
            return
        with self._lock:
            self._ahead, self.wants_examples = Offer(dataset, validation, split), False
            for worker in self._workers.values():
                worker.inform(self._ahead.message)

    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        """Queue a group; an idle worker takes it at once."""
        self.start()
        with self._lock:
            self._queue.append((list(group), files))
            self._dispatch()

    def poll(self, timeout: float) -> list[Event]:
        """What was said since the last poll.

        Raises:
            SweeperError: no worker can be started.
            OSError: the machine refuses another process or file descriptor.
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
            for worker in self._workers.values():
                if key in worker.waiting:
                    worker.send(("stop", key))
                    return
            if any(spec.key == key for group, _ in self._queue for spec in group):
                self._early_stops.add(key)

    def take_up(self, size: int, deadline: float) -> bool:
        """Be of another size from now on; whether all is well, and nothing runs or is left of earlier work."""
        with self._lock:
            for _ in range(LAST_WORDS):  # a worker says that it is idle after the result, and nobody waited for that
                busy = any(worker.busy for worker in self._workers.values())
                if not busy:
                    break
                self._lock.wait(0.02)
            for worker in self._workers.values():
                self._hear(worker)  # one that was killed meanwhile gets no more work
            well = self._thread is not None and self._thread.is_alive() and not self._broken
            if not well or busy or self._queue or self._events:
                return False
            self.size, self._deadline = size, deadline
            self._early_stops.clear()
            for worker in [worker for worker in self._workers.values() if worker.pid and worker.free][size:]:
                worker.verdict = "there are more than are needed"
                worker.kill()
        self._wake_writer.send_bytes(b".")
        return True

    @property
    def free_workers(self) -> int:
        """Idle workers (those that are still being born among them) beyond what is queued."""
        with self._lock:
            busy = sum(1 for worker in self._workers.values() if worker.busy)
            return max(0, self.size - busy - len(self._queue))

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that are alive."""
        with self._lock:
            return [worker.pid for worker in self._workers.values() if worker.pid]

    @property
    def server_pid(self) -> int:
        """The process id of the fork server."""
        return self._server.pid

    def close(self) -> None:
        """End everything. What was running is lost without a word, as nobody polls any more."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        if self._thread is not None:
            self._wake_writer.send_bytes(b".")
            self._thread.join()

    def leave(self) -> None:
        """Close; the workers of a warm server's copy may wait for another driver, where none has anything to do."""
        self._leaving = self._thread is not None and self._server.warm and self.take_up(self.size, self._deadline)
        self.close()

    def _tend(self) -> None:
        """The pool's thread."""
        try:
            while not self._closing and not self._broken:
                self._look()
        except Exception as error:  # noqa: BLE001 - a dead thread would leave the driver waiting for ever
            with self._lock:
                self._broken = error if isinstance(error, OSError) else SweeperError(f"the workers broke: {error!r}")
                self._lock.notify_all()
        finally:
            well = self._leaving and not self._broken
            if self._ahead:
                self._ahead.withdraw()
            (leave_workers if well else end_workers)(self._server, self._workers)

    def _look(self) -> None:
        with self._lock:
            with suppress(ConnectionError):  # the end of the server will be in its news
                while len(self._workers) < self.size:
                    pipe = self._server.order(self._born)
                    self._workers[self._born] = Worker(
                        pipe, self._clock.now(), self._ahead.message if self._ahead else None
                    )
                    self._born += 1
            pipes = {worker.pipe: worker for worker in self._workers.values() if not worker.mute}
        sources: list[Any] = [self._server, self._wake_reader, *pipes]
        ready: list[Any] = wait(sources, TICK)
        with self._lock:
            if self._wake_reader in ready:
                self._wake_reader.recv_bytes()
            for pipe, worker in pipes.items():
                if pipe in ready:
                    self._hear(worker)
            if self._server in ready:
                self._read_news()
            self._enforce_deadlines()
            self._dispatch()
            if self._events:
                self._lock.notify_all()

    def _dispatch(self) -> None:
        for worker in self._workers.values():
            if not self._queue:
                return
            if worker.free:
                group, files = self._queue.popleft()
                worker.give(group, files, self._clock.now())
                for spec in group:
                    if spec.key in self._early_stops:
                        self._early_stops.discard(spec.key)
                        worker.send(("stop", spec.key))

    def _hear(self, worker: Worker) -> None:
        self._events.extend(events := worker.listen(self._clock.now()))
        if events and self._ahead:
            self._ahead.withdraw()  # it trains, and so has taken them
        if worker.ready:
            self._failed_starts = 0

    def _read_news(self) -> None:
        try:
            for news in self._server.news():
                worker = self._workers[news.number]
                worker.pid = news.pid
                if news.status is not None:
                    self._hear(worker)
                    self._bury(news.number, explain(news.status, worker.memory_kills))
        except EOFError:
            self._restart_server()

    def _restart_server(self) -> None:
        status = self._server.stop(LAST_WAIT)
        for number, worker in list(self._workers.items()):
            death = explain(status, worker.memory_kills)
            worker.kill()
            self._hear(worker)
            self._bury(number, Death(f"its fork server ended: {death.reason}", outside=death.outside))
        if not self._broken:
            self._server = ForkClient(*self._server_arguments)

    def _bury(self, number: int, death: Death) -> None:
        worker = self._workers.pop(number)
        worker.pipe.close()
        if worker.waiting:
            outside = death.outside and not worker.verdict
            self._events.append(WorkerLost(tuple(worker.waiting), worker.verdict or death.reason, outside))
        if not worker.ready and not death.outside:
            self._failed_starts += 1
        if self._failed_starts >= FAILED_STARTS:
            self._broken = SweeperError(
                f"no worker can start: {FAILED_STARTS} in a row ended before they were ready, "
                f"the last one {death.reason}",
                hint="what they wrote to standard error says why; a memory limit may be too small",
            )

    def _enforce_deadlines(self) -> None:
        now = self._clock.now()
        if any(not worker.ready and now - worker.ordered > BIRTH for worker in self._workers.values()):
            self._failed_starts += 1
            for worker in self._workers.values():
                worker.ordered = now
            self._server.kill()  # its end will be in its news, and another one is started
        for worker in self._workers.values():
            verdict = worker.overdue(now, self._deadline, self._silence)
            if verdict and not worker.verdict:
                worker.verdict = verdict
                worker.kill()
