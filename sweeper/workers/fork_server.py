"""A process that imports the heavy libraries once and then forks workers, each in a moment; and its driver's side.

Run as ``python -P -m sweeper.workers.fork_server FD``, where FD is a Unix socket to the driver. It is the
standard library's ``multiprocessing.forkserver`` cut to what a sweep needs, and more certain in three points: nothing
waits for the imports but the workers themselves; the driver's main module is not imported again; and when the driver
dies, however it dies, this process ends and the kernel takes its workers with it, busy or not.

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
import subprocess
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NoReturn

from sweeper.system.python import import_path, module_command, safe_environment

if TYPE_CHECKING:
    from sweeper.workers.run_group import Target

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


def main(channel: socket.socket) -> NoReturn:
    """Fork a worker for each order until the driver's end of the socket closes."""
    for number in (signal.SIGINT, signal.SIGHUP):  # the driver decides what a Ctrl-C or a lost terminal means
        signal.signal(number, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output belongs to the command's document
    setup = Setup(**json.load(sys.stdin))
    sys.path[:] = setup.path
    for module in setup.preload:
        importlib.import_module(module)
    gc.freeze()  # so that collections in the workers do not copy the pages that they share
    born: dict[int, int] = {}
    with suppress(ConnectionError, EOFError):
        _serve(channel, setup, born)
    _end(born)


def _serve(channel: socket.socket, setup: Setup, born: dict[int, int]) -> NoReturn:
    wake = _wake_on_child()
    sources: list[Any] = [channel, wake]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap(channel, born)
        if channel in ready:
            _fork(channel, setup, born)


def _fork(channel: socket.socket, setup: Setup, born: dict[int, int]) -> None:
    order, handles, _, _ = socket.recv_fds(channel, ORDER, 1)
    if not order:
        raise EOFError
    number, parent = int.from_bytes(order, "little"), os.getpid()
    pid = os.fork()
    if pid == 0:
        channel.close()
        _live(handles[0], setup, parent)
    os.close(handles[0])
    born[pid] = number
    channel.sendall(f"{number} {pid}\n".encode())


def _end(born: dict[int, int]) -> NoReturn:
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


def _reap(channel: socket.socket, born: dict[int, int]) -> None:
    while born:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        channel.sendall(f"{born.pop(pid)} {pid} {os.waitstatus_to_exitcode(status)}\n".encode())


@dataclass(frozen=True, slots=True)
class News:
    """A worker was born, or (with a status) has ended; a negative status is a signal."""

    number: int
    pid: int
    status: int | None = None


class ForkClient:
    """A running fork server.

    Args:
        target: what the workers run; pickled, so a function of a module, or a partial of one.
        threads, memory: limits of each worker.
        preload: modules that the server imports before it forks.
    """

    def __init__(self, target: Target, threads: int, memory: int, preload: Sequence[str]) -> None:
        """Starts the server; does not wait for its imports."""
        self._channel, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            module_command("sweeper.workers.fork_server", str(theirs.fileno())),
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            env=safe_environment(),  # a copy: another thread may be changing the environment, which exec would read
        )
        theirs.close()
        work = base64.b64encode(pickle.dumps(target)).decode()
        setup = Setup(import_path(), list(preload), work, threads, memory)
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(setup.to_json().encode())
        self._rest = b""

    def order(self, number: int) -> Connection[Any, Any]:
        """Order a worker; what it says will come through the pipe that is given back.

        Raises:
            ConnectionError: the server is gone.
            OSError: there are no file descriptors left.
        """
        ours, theirs = Pipe()
        try:
            socket.send_fds(self._channel, [number.to_bytes(ORDER, "little")], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def fileno(self) -> int:
        """For ``select``: readable when there is news."""
        return self._channel.fileno()

    def news(self) -> list[News]:
        """What has happened; waits for something.

        Raises:
            EOFError: the server is gone.
        """
        try:
            data = self._channel.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise EOFError
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [News(*map(int, line.split())) for line in lines]

    def kill(self) -> None:
        """End the server at once; ``news`` will say so."""
        self._process.kill()

    def stop(self) -> int:
        """End the server, and with it all workers; its exit status."""
        self._channel.close()
        self._process.kill()
        return self._process.wait()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
