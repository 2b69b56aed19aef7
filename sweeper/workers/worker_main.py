"""The life of a worker process: groups in, events out, until its pipe closes, or it has grown too large.

Told that its driver has ended well, it may wait for another one (``spare``), and goes on with that one's pipe.
"""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Collection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from sweeper.system.process import PLACE
from sweeper.workers.base import Event
from sweeper.workers.handed import Told
from sweeper.workers.run_group import Job, Target, load_ahead, run_group, take_over
from sweeper.workers.spare import wait_for_call

Message = tuple[Literal["group"], Job] | tuple[Literal["stop"], str] | Told | tuple[Literal["wait"], None] | None
"""What the parent says: here is a group; stop a trial; a group will want these data, or here they are; None: no more.

To ``wait`` is to end unless another driver comes.
"""

Answer = Event | Literal["ready", "idle"]
"""What a worker says: once that it is ready, then events, and after each group that it is idle."""

ROOM = 80 * 2**20
"""Bytes that a worker may grow by after its first group, which has loaded the data, before another takes its place.

TensorFlow never lets go of a compiled program: each takes some 7 MB for as long as the process lives.
"""

LARGEST = 2**30
"""Bytes that a worker may take for itself and wait for another driver."""

THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def serve(
    pipe: Connection[Any, Any], target: Target, threads: int, memory: int, leash: socket.socket | None = None
) -> None:
    """Run groups until the pipe closes; one that has grown too large ends without a word, between two groups.

    Args:
        pipe: to the parent; takes in a Message, gives out an Answer.
        target: what to run.
        threads: that the libraries may use; two processes of one thread each beat one process of two.
        memory: bytes that this process may take for itself; 0 for no limit.
        leash: to whoever may call it to another driver.
    """
    _limit(threads, memory)
    kept = {name: os.environ[name] for name in (*THREAD_VARIABLES, PLACE) if name in os.environ}
    life = _Life(target)
    following: Connection[Any, Any] | None = pipe
    while following is not None:
        waits = life.work(following)
        following.close()
        following = wait_for_call(leash, kept) if waits and leash is not None else None


class _Life:
    """What a worker has done for all its drivers."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._first = 0
        """Bytes after the first group."""

    def work(self, pipe: Connection[Any, Any]) -> bool:
        """Run groups for a driver; whether it may wait for another one."""
        inbox = _Inbox(pipe)
        _say(pipe, "ready")
        while (job := inbox.job()) is not None:
            group, files = job
            run_group(group, self._target, lambda event: _say(pipe, event), inbox.stopped, files)
            now = _own_memory()
            self._first = self._first or now
            if now - self._first > ROOM:
                return False
            _say(pipe, "idle")
        # One that has done nothing has nothing that another would not have as soon.
        return inbox.waits and self._first > 0 and _own_memory() < LARGEST and not _holds_a_gpu()


class _Inbox:
    """Sorts what the parent says into groups and requests to stop."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._groups: deque[Job | None] = deque()
        self._stopped: set[str] = set()
        self.waits = False

    def job(self) -> Job | None:
        """Wait for a group; None for the end."""
        while not self._groups:
            self._read()
        return self._groups.popleft()

    def stopped(self) -> Collection[str]:
        """The trials that shall stop, as far as the parent has said by now."""
        while None not in self._groups and self._pipe.poll():
            self._read()
        return self._stopped

    def _read(self) -> None:
        try:
            message: Message = self._pipe.recv()
        except (EOFError, OSError):
            message = None
        if message is None:
            self._groups.append(None)
        elif message[0] == "group":
            self._stopped.clear()
            self._groups.append(message[1])
        elif message[0] == "data":
            load_ahead(*message[1])
        elif message[0] == "examples":
            take_over(*message[1])
        elif message[0] == "wait":
            self.waits = True
            self._groups.append(None)
        else:
            self._stopped.add(message[1])


def _own_memory() -> int:
    """Bytes in memory that are no file's; 0 where the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")


def _holds_a_gpu() -> bool:
    """Whether others would miss the memory of a GPU."""
    loaded = sys.modules.get("sweeper.train.machine")
    return loaded is not None and bool(loaded.own_gpu())


def _say(pipe: Connection[Any, Any], answer: Answer) -> None:
    try:
        pipe.send(answer)
    except OSError:  # the parent is gone, and nobody wants the rest
        sys.exit(0)


def _limit(threads: int, memory: int) -> None:
    for name in THREAD_VARIABLES:
        os.environ[name] = str(threads)
    if memory:
        import resource

        # What is private and can be written: not the address space, most of which libraries map and never touch.
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
