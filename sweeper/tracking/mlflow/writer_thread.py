"""The thread that writes: one entry after the other, again and again until MLflow takes it."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.system.addresses import redact
from sweeper.tracking import spool as spools
from sweeper.tracking.mlflow.store import NotMadeYetError, describe_error, is_permanent, open_store
from sweeper.tracking.mlflow.writer import Writer
from sweeper.tracking.spool import Entry, Record, Spool, Update

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
"""Seconds between attempts, doubling from the first to the longest."""
_STUCK = 120.0
"""Seconds without any progress after which ``flush`` no longer believes that something is going on."""


class Pending(Future[str]):
    """A run id to be; `ref` names the run for those who want to add to it before."""

    def __init__(self, ref: str) -> None:
        super().__init__()
        self.ref = ref


@dataclass(slots=True)
class _Job:
    """Something to write: in a file, or in memory where no file could be made.

    `again`: an earlier attempt may have got part of the way.
    """

    future: Pending
    path: Path | None = None
    entry: Entry | None = None
    again: bool = False

    def load(self) -> Entry:
        if self.path is not None:
            return spools.read(self.path)
        assert self.entry is not None
        return self.entry


class WriterThread(threading.Thread):
    """Writes entries in order, those that an earlier process left behind first.

    Args:
        uri: of the store.
        runs: the runs folder.
        spool: where entries wait.
    """

    def __init__(self, uri: str, runs: Path, spool: Spool) -> None:
        # A daemon, because a program that dies must not wait for a server: the spool has what is left.
        super().__init__(name="sweeper-tracking", daemon=True)
        self._uri, self._runs, self._spool = uri, runs, spool
        self._jobs: deque[_Job] = deque()
        self._putting = threading.Lock()
        self._changed = threading.Condition()
        self._claimed = threading.Event()
        self._writer: Writer | None = None
        self._lost: list[str] = []
        self._progress = time.monotonic()
        self._hurry = self._ending = False
        self.trouble = ""

    def put(self, entry: Entry, ref: str) -> Pending:
        """Queue an entry; the id of its run, to be."""
        job = _Job(Pending(ref))
        with self._putting:  # the files are in the order of the queue
            try:
                job.path = self._spool.put(self._with_copies(entry))
            except OSError:
                job.entry = entry
            with self._changed:
                self._jobs.append(job)
                self._changed.notify_all()
        return job.future

    def waiting(self) -> list[str]:
        """The refs of everything that is not written yet."""
        self._claimed.wait()
        with self._changed:
            return [job.future.ref for job in self._jobs]

    def flush(self, patience: float) -> int:
        """Wait until nothing waits, or MLflow is out of reach for `patience` seconds; what is left in files."""
        started = time.monotonic()
        self._claimed.wait()
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            while self._jobs and not self._hopeless(started, patience):
                self._changed.wait(0.2)
            self._hurry = False
            left = list(self._jobs)
        for job in left:
            _resolve(job.future, "")
        self._raise_lost([job for job in left if job.path is None])
        return len(left)

    def end(self, patience: float) -> None:
        """Stop after the attempt that is under way; what is left stays for the next tracker."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self.join(patience)
        self._spool.release()

    def run(self) -> None:
        """Write until ``end`` is called."""
        self._claim()
        with suppress(Exception):  # so that it is open when the first entry comes; a failure shows then
            self._open()
        pause = _FIRST_PAUSE
        while (job := self._next()) is not None:
            if self._attempt(job):
                pause = _FIRST_PAUSE
            else:
                self._rest(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        if self._writer is not None:
            self._writer.close()

    def _with_copies(self, entry: Entry) -> Entry:
        if not isinstance(entry, Update) or not entry.artifacts:
            return entry
        copies = self._spool.keep([Path(file) for file, _ in entry.artifacts])
        folders = [inside for _, inside in entry.artifacts]
        return replace(entry, artifacts=list(zip(copies, folders, strict=True)))

    def _claim(self) -> None:
        jobs = []
        for path in self._spool.claim():
            with suppress(ValueError):  # a torn one is set aside by the attempt to read it
                entry = spools.read(path)
                jobs.append(_Job(Pending(entry.ref if isinstance(entry, Record) else ""), path, again=True))
        with self._changed:
            self._jobs.extendleft(reversed(jobs))
        self._claimed.set()

    def _open(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(open_store(self._uri, self._runs))
        return self._writer

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._jobs and not self._ending:
                self._changed.wait()
            return None if self._ending else self._jobs[0]

    def _attempt(self, job: _Job) -> bool:
        """Try one entry; whether it is dealt with."""
        try:
            run_id = self._open().write(job.load(), again=job.again)
        except Exception as error:  # noqa: BLE001  # the thread outlives whatever MLflow raises, and says it
            if not is_permanent(error):
                job.again = True
                if not isinstance(error, NotMadeYetError):
                    self.trouble = describe_error(error, self._uri)
                return False
            self._give_up(job, error)
        else:
            _resolve(job.future, run_id)
            if job.path is not None:
                spools.forget(job.path)
        self._drop(job)
        return True

    def _give_up(self, job: _Job, error: Exception) -> None:
        reason = redact(f"{type(error).__name__}: {error}")
        kept = ""
        if job.path is not None:
            with suppress(Exception):
                self._open().abandon(job.load(), reason)
            kept = f"; kept as {spools.reject(job.path)}"
        self._lost.append(f"{job.future.ref or 'An entry'} cannot be recorded in MLflow: {reason}{kept}")
        if not job.future.done():
            job.future.set_exception(SweeperError(self._lost[-1]))

    def _drop(self, job: _Job) -> None:
        with self._changed:
            self._jobs.remove(job)
            self._progress = time.monotonic()
            self.trouble = ""
            self._changed.notify_all()

    def _rest(self, pause: float) -> None:
        self._spool.touch()
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._ending or self._hurry, timeout=pause)
        if self._hurry:
            time.sleep(_FIRST_PAUSE)

    def _hopeless(self, started: float, patience: float) -> bool:
        idle = time.monotonic() - max(started, self._progress)
        return idle > (patience if self.trouble else _STUCK)

    def _raise_lost(self, unkept: list[_Job]) -> None:
        lost = self._lost + [
            f"{job.future.ref} could be written neither to MLflow ({self.trouble}) nor to the spool" for job in unkept
        ]
        self._lost = []
        if lost:
            hint = "make room on the disk, or see that runs/spool can be written" if unkept else ""
            more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
            raise SweeperError(lost[0] + more, hint=hint)


def _resolve(future: Pending, run_id: str) -> None:
    if not future.done():
        future.set_result(run_id)
