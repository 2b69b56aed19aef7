"""A pool in the calling process, for tests and for a debugger: one group at a time, in step with the caller."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from sweeper.trial import TrialSpec
from sweeper.workers.base import HERE, Event, Files, Pool
from sweeper.workers.run_group import Job, Target, run_group, train_group


class InlinePool(Pool):
    """Runs each group in one thread that pauses at every report until the caller polls again.

    So every report is answered before the training goes on, and a sweep is the same each time.

    Args:
        target: what to run.
    """

    size = 1

    def __init__(self, target: Target = train_group) -> None:
        """Nothing is started before the first group."""
        self._target = target
        self._queue: deque[Job] = deque()
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._go_on = threading.Semaphore(0)
        self._stopped: set[str] = set()
        self._paused = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Nothing to start."""

    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        """Queue a group; it begins at the next poll."""
        self._queue.append((list(group), files))

    def poll(self, timeout: float) -> list[Event]:
        """Let the training go on to its next report, and give that."""
        if self._thread is None and not self._begin():
            time.sleep(timeout)
            return []
        if self._paused:
            self._paused = False
            self._go_on.release()
        try:
            event = self._events.get(timeout=timeout)
        except Empty:
            return []
        if event is not None:
            self._paused = True
            return [event]
        self._finish()
        return []

    def stop(self, key: str) -> None:
        """The trial sees it at its next report."""
        self._stopped.add(key)

    @property
    def free_workers(self) -> int:
        """1 while nothing runs and nothing is queued."""
        return int(self._thread is None and not self._queue)

    def close(self) -> None:
        """Break off what is running at its next report."""
        self._closed = True
        self._queue.clear()
        if self._thread is not None:
            self._go_on.release()
            self._finish()

    def _begin(self) -> bool:
        if not self._queue:
            return False
        self._thread = threading.Thread(target=self._work, args=self._queue.popleft(), daemon=True)
        self._thread.start()
        return True

    def _work(self, group: Sequence[TrialSpec], files: Files) -> None:
        try:
            run_group(group, self._target, self._emit, lambda: self._stopped, files)
        except _ClosedError:
            pass
        finally:
            self._stopped.difference_update(spec.key for spec in group)
            self._events.put(None)

    def _emit(self, event: Event) -> None:
        self._events.put(event)
        self._go_on.acquire()
        if self._closed:
            raise _ClosedError

    def _finish(self) -> None:
        assert self._thread is not None
        self._thread.join()
        self._thread = None


class _ClosedError(BaseException):
    """Leaves the target from inside a report; not an Exception, so that no target catches it by mistake."""
