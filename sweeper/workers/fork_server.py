"""A process that imports the heavy libraries once and then forks workers, each in a moment.

Run as ``python -P -m sweeper.workers.fork_server FD``, where FD is a Unix socket to the driver. It is the
standard library's ``multiprocessing.forkserver`` cut to what a sweep needs, and more certain in three points: nothing
waits for the imports but the workers themselves; the driver's main module is not imported again; and when the driver
dies, however it dies, this process ends and the kernel takes its workers with it, busy or not.

A copy of a warm server (``warm_server``) does the same without the imports, until its driver ends.

Protocol: standard input carries one JSON document (``Setup``) and is closed. Each order on the socket is ``ORDER``
bytes, the worker's number, with the worker's end of its pipe attached. The answers are lines: ``number pid`` when a
worker is born, ``number pid status`` when it has ended (a negative status is a signal, as in subprocess).
"""

from __future__ import annotations

import base64
import ctypes
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
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from sweeper.system.mapped import let_go_of_code
from sweeper.system.process import PLACE

ORDER = 8
"""Bytes of an order."""


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

    def to_json(self) -> str:
        """The document for standard input."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class _Born:
    """A worker that lives: its number, and its place among those that live."""

    number: int
    place: int


def main(channel: socket.socket) -> NoReturn:
    """Take in what there is to do, load what it needs, and work for the driver."""
    stand_apart()
    setup = Setup(**json.load(sys.stdin))
    load(setup)
    let_go_of_code()
    gc.freeze()  # so that collections in the workers do not copy the pages that they share
    work_for(channel, setup)


def stand_apart() -> None:
    """Leave signals and standard output to the driver."""
    for number in (signal.SIGINT, signal.SIGHUP):  # the driver decides what a Ctrl-C or a lost terminal means
        signal.signal(number, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output belongs to the command's document


def load(setup: Setup) -> None:
    """Import what the workers need, from where the driver imports."""
    sys.path[:] = setup.path
    for module in setup.preload:
        importlib.import_module(module)


def work_for(channel: socket.socket, setup: Setup) -> NoReturn:
    """Fork a worker for each order until the driver's end of the socket closes; then end, and all workers with it."""
    born: dict[int, _Born] = {}
    with suppress(ConnectionError, EOFError):
        _serve(channel, setup, born)
    _end(born)


def _serve(channel: socket.socket, setup: Setup, born: dict[int, _Born]) -> NoReturn:
    wake = _wake_on_child()
    sources: list[Any] = [channel, wake]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap(channel, born)
        if channel in ready:
            _fork(channel, setup, born)


def _fork(channel: socket.socket, setup: Setup, born: dict[int, _Born]) -> None:
    order, handles, _, _ = socket.recv_fds(channel, ORDER, 1)
    if not order:
        raise EOFError
    number, parent = int.from_bytes(order, "little"), os.getpid()
    taken = {one.place for one in born.values()}
    place = next(place for place in range(len(taken) + 1) if place not in taken)
    pid = os.fork()
    if pid == 0:
        channel.close()
        os.environ[PLACE] = str(place)
        _live(handles[0], setup, parent)
    os.close(handles[0])
    born[pid] = _Born(number, place)
    channel.sendall(f"{number} {pid}\n".encode())


def _end(born: dict[int, _Born]) -> NoReturn:
    """The driver is gone: leave no worker, and no zombie either."""
    for pid in born:
        os.kill(pid, signal.SIGKILL)
    for pid in born:
        os.waitpid(pid, 0)
    os._exit(0)


def _live(handle: int, setup: Setup, parent: int) -> NoReturn:
    """Be a worker. Never returns into the server's loop."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        die_with(parent)
        from sweeper.workers.worker_main import serve

        pipe: Connection[Any, Any] = Connection(handle)
        serve(pipe, pickle.loads(base64.b64decode(setup.target)), setup.threads, setup.memory)  # noqa: S301 - from our driver
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


def die_with(parent: int) -> None:
    """Ask the kernel for a SIGKILL when the parent ends (Linux; elsewhere the closed pipe ends a worker)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _wake_on_child() -> int:
    """A file descriptor that becomes readable when a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _reap(channel: socket.socket, born: dict[int, _Born]) -> None:
    while born:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        channel.sendall(f"{born.pop(pid).number} {pid} {os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
