"""A driver's side of its fork server: order workers, hear of their births and ends, end it all."""

from __future__ import annotations

import base64
import pickle
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from sweeper.system.python import import_path
from sweeper.system.warm.client import borrow
from sweeper.workers.early import WARM, take
from sweeper.workers.fork_server import ORDER, REST, Setup

if TYPE_CHECKING:
    from sweeper.workers.run_group import Target

LAST_WAIT = 5.0
"""Seconds for a process to end: a killed one that is not a child, or one that has closed its end already."""


@dataclass(frozen=True, slots=True)
class News:
    """A worker was born, or (with a status) has ended; a negative status is a signal."""

    number: int
    pid: int
    status: int | None = None


class ForkClient:
    """A running fork server: a copy of the user's warm server, where there is one, or else one of its own.

    Args:
        target: what the workers run; pickled, so a function of a module, or a partial of one.
        threads, memory: limits of each worker.
        preload: modules that the server imports before it forks.
        warm: whether to ask the warm server first.
    """

    def __init__(
        self, target: Target, threads: int, memory: int, preload: Sequence[str], *, warm: bool = False
    ) -> None:
        """Starts the server; does not wait for its imports."""
        work = base64.b64encode(pickle.dumps(target)).decode()
        setup = Setup(import_path(), list(preload), work, threads, memory)
        self._rest = b""
        self._lent = borrow(WARM, {"setup": asdict(setup)}) if warm else None
        if self._lent:
            self._channel = self._lent.channel
        else:
            self._start(setup)

    def _start(self, setup: Setup) -> None:
        begun = take(setup.path, setup.preload)
        self._channel, self._process = begun.channel, begun.process
        begun.tell(asdict(setup))

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
        if self._lent:
            self._lent.send_signal(signal.SIGKILL)
        else:
            self._process.kill()

    def stop(self, patience: float = 0.0) -> int:
        """End the server, and with it all workers; its exit status, which of a warm server's copy nobody is told.

        Args:
            patience: seconds for one that is about to end to do so itself; killed, it would not say why.
        """
        self._channel.close()
        if patience and not self._lent:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(patience)
        self.kill()
        if not self._lent:
            return self._process.wait()
        self._lent.wait(LAST_WAIT)
        self._lent.close()
        return -signal.SIGKILL

    def leave(self) -> None:
        """Let a warm server's copy wait for another driver, with the workers that are left.

        It has let go of this driver's files when this returns, if it is not too busy to say so.
        """
        assert self._lent is not None
        with self._channel, suppress(OSError):
            self._channel.settimeout(LAST_WAIT)
            self._channel.sendall(REST.to_bytes(ORDER, "little"))
            while self._channel.recv(65536):
                pass
        self._lent.close()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._lent.pid if self._lent else self._process.pid

    @property
    def warm(self) -> bool:
        """Whether it is a copy of the user's warm server."""
        return self._lent is not None
