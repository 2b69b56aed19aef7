"""A process that imports the heavy libraries once and then forks workers, each in a moment.

Run as ``python -P -m sweeper.workers.fork_server FD``, where FD is a Unix socket to the driver. It is the
standard library's ``multiprocessing.forkserver`` cut to what a sweep needs, and more certain in three points: nothing
waits for the imports but the workers themselves; the driver's main module is not imported again; and when the driver
dies, however it dies, this process ends and the kernel takes its workers with it, busy or not.

A copy of a warm server (``warm_server``) does the same without the imports, until its driver ends; where that ends
well, it may wait for the next driver with the workers that are left (``spare``).

Protocol: standard input carries what to load, one line of JSON; then, when the driver knows it, the ``Setup`` and the
variables that have changed meanwhile; then its end. Each order on the socket is ``ORDER`` bytes: the worker's number,
with the worker's end of its pipe attached, or ``REST`` as the last word. The answers are lines: ``number pid`` when a
worker is born or called, ``number pid status`` when it has ended (a negative status is a signal, as in subprocess).
"""

from __future__ import annotations

import base64
import gc
import importlib
import json
import os
import pickle
import select
import signal
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from sweeper.system.mapped import let_go_of_code
from sweeper.system.process import PLACE
from sweeper.system.signals import die_with
from sweeper.system.warm.spare import Visit
from sweeper.workers import spare

ORDER = 8
"""Bytes of an order."""

REST: int = 2 ** (8 * ORDER) - 1
"""The number of no worker: the driver has ended well, and the workers that it leaves may wait for another one."""

MOST = 2
"""Workers that wait, at most."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What all workers have in common.

    Attributes:
        path: to import from, as ``system.python.import_path`` gives it.
        preload: modules to import before the first fork.
        target: the work, pickled, in base 64.
        threads, memory: limits of each worker, as ``serve`` takes them.
    """

    path: list[str]
    preload: list[str]
    target: str
    threads: int
    memory: int


@dataclass(slots=True)
class _Born:
    """A worker that lives: its number, None while it waits for a driver, its place among those that live, its leash."""

    number: int | None
    place: int
    leash: socket.socket | None


def main(channel: socket.socket) -> NoReturn:
    """Take in what there is to do, load what it needs, and work for the driver."""
    stand_apart()
    gc.disable()  # an import makes many objects and hardly a circle: to look for some is a fifth of its time
    load(**json.loads(sys.stdin.readline()))
    gc.freeze()  # so that collections in the workers do not copy the pages that they share
    gc.enable()
    if told := sys.stdin.read():  # else the driver has no work
        asked = json.loads(told)
        os.environ.update(asked["environment"])
        work_for(channel, Setup(**asked["setup"]))
    os._exit(0)


def stand_apart() -> None:
    """Leave signals and standard output to the driver."""
    for number in (signal.SIGINT, signal.SIGHUP):  # the driver decides what a Ctrl-C or a lost terminal means
        signal.signal(number, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output belongs to the command's document


def load(path: Sequence[str], preload: Sequence[str]) -> None:
    """Import what the workers need, from where the driver imports."""
    sys.path[:] = path
    for module in preload:
        importlib.import_module(module)


def work_for(channel: socket.socket, setup: Setup, visit: Visit | None = None) -> NoReturn:
    """Fork a worker for each order until the driver's end of the socket closes; then end, and all workers with it.

    Args:
        channel: to the driver.
        setup: what the workers have in common.
        visit: of a warm server's copy, whose workers may wait for another driver.
    """
    server = _ForkServer(channel, setup, visit)
    with suppress(ConnectionError, EOFError):
        server.work()
    server.end()


class _ForkServer:
    def __init__(self, channel: socket.socket, setup: Setup, visit: Visit | None) -> None:
        self._channel: socket.socket = channel
        self._setup = setup
        self._standing = visit.asked["standing"] if visit else {}
        self._leash = visit.leash if visit else None
        self._wake = _wake_on_child()
        self._born: dict[int, _Born] = {}
        self._heavy = visit is None
        """Whether it still has the pages of all the code that it has imported; a warm server has let go of them."""

    def work(self) -> NoReturn:
        """For one driver after the other.

        Raises:
            EOFError: one has ended without a word, or there will be none.
        """
        while True:
            ready = self._ready(self._channel)
            if self._leash in ready:
                self._decline()
            if self._channel in ready and self._order() == REST:
                self._wait()

    def end(self) -> NoReturn:
        """The driver is gone: leave no worker, and no zombie either."""
        for pid in self._born:
            os.kill(pid, signal.SIGKILL)
        for pid in self._born:
            os.waitpid(pid, 0)
        os._exit(0)

    def _ready(self, *sources: Any) -> list[Any]:
        """What there is to read, of these and of the leash; who has ended is buried first."""
        watched = [*sources, *([self._leash] if self._leash else []), self._wake]
        if self._born and self._heavy and not select.select(watched, [], [], 0)[0]:
            self._heavy = False
            let_go_of_code()  # now that nobody waits for it; a worker maps what it uses in any case
        ready, _, _ = select.select(watched, [], [])
        if self._wake in ready:
            os.read(self._wake, 4096)
            self._reap()
        return ready

    def _order(self) -> int:
        """Obey the driver's next word; the number in it."""
        order, handles, _, _ = socket.recv_fds(self._channel, ORDER, 1)
        if not order:
            raise EOFError
        number: int = int.from_bytes(order, "little")
        if number == REST:
            return REST
        with socket.socket(fileno=handles[0]) as pipe:
            pid = self._call(number, pipe.fileno()) or self._fork(number, pipe)
        self._channel.sendall(f"{number} {pid}\n".encode())
        return number

    def _call(self, number: int, pipe: int) -> int:
        """Give a worker that waits to the driver; its process id, 0 where there is none."""
        for pid, one in self._born.items():
            if one.number is None and one.leash is not None:
                if spare.call(one.leash, pipe):
                    one.number = number
                    return pid
                os.kill(pid, signal.SIGKILL)
        return 0

    def _fork(self, number: int, pipe: socket.socket) -> int:
        taken = {one.place for one in self._born.values()}
        place = next(place for place in range(len(taken) + 1) if place not in taken)
        ours, theirs = socket.socketpair() if self._leash else (None, None)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            for end in (self._channel, self._leash, ours, *(one.leash for one in self._born.values())):
                if end is not None:
                    end.close()
            os.environ[PLACE] = str(place)
            _live(pipe.detach(), self._setup, parent, theirs)
        if theirs is not None:
            theirs.close()
        self._born[pid] = _Born(number, place, ours)
        return pid

    def _reap(self) -> None:
        while self._born:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            one = self._born.pop(pid)
            if one.leash is not None:
                one.leash.close()
            if one.number is not None:
                self._channel.sendall(f"{one.number} {pid} {os.waitstatus_to_exitcode(status)}\n".encode())

    def _decline(self) -> None:
        """Whoever is offered comes too late; or there is no server any more to wait with."""
        assert self._leash is not None
        try:
            self._leash.taken(lambda _: False)
        except EOFError:
            self._leash.close()
            self._leash = None
            for pid, one in self._born.items():
                if one.number is None:
                    os.kill(pid, signal.SIGKILL)

    def _wait(self) -> None:
        """Let the last workers wait, be taken for the next driver, and work for that.

        Raises:
            EOFError: nobody waits any more.
        """
        if self._leash is None:
            raise EOFError
        for count, (pid, one) in enumerate(reversed(self._born.items())):
            one.number = None
            if count >= MOST:
                os.kill(pid, signal.SIGKILL)
        self._leash.wait()
        self._channel.close()
        while self._born:
            if self._leash in self._ready() and (visit := self._taken()):
                stand_apart()
                self._channel, self._standing = visit.channel, visit.asked["standing"]
                return
        raise EOFError

    def _taken(self) -> Visit | None:
        assert self._leash is not None
        try:
            return self._leash.taken(self._fits)
        except (OSError, ValueError) as error:  # it cannot stand where that driver stands, which starts its own
            raise EOFError from error

    def _fits(self, request: Mapping[str, Any]) -> bool:
        """Whether workers may be of use to a driver: what they cannot take over any more is the same."""
        same = request["setup"] == asdict(self._setup)
        return same and spare.may_stand(self._standing, request["standing"])


def _live(handle: int, setup: Setup, parent: int, leash: socket.socket | None) -> NoReturn:
    """Be a worker. Never returns into the server's loop."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        die_with(parent)
        from sweeper.workers.worker_main import serve

        pipe: Connection[Any, Any] = Connection(handle)
        serve(pipe, pickle.loads(base64.b64decode(setup.target)), setup.threads, setup.memory, leash)  # noqa: S301 - from our driver
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 0
    except BaseException:  # noqa: BLE001 - the last frame of this process
        with suppress(OSError):  # nobody reads it
            traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(status)


def _wake_on_child() -> int:
    """A file descriptor that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
