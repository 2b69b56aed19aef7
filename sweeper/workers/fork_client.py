"""The driver's side of the fork server: orders workers, and hears of their births and deaths."""

from __future__ import annotations

import base64
import pickle
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from sweeper.system.python import import_path, module_command, safe_environment
from sweeper.workers.fork_server import ORDER, Setup
from sweeper.workers.run_group import Target


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
