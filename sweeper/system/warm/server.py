"""A process that has loaded libraries and waits: it forks a copy of itself for each that asks, and does nothing else.

The copy (a visit) takes over what its caller would have handed on to a child, and does the work. The server keeps
nothing of it: killed, replaced or told to stop, it leaves the visits to their callers. A copy whose caller has ended
may wait for the next one (``spare``); at most one does, and it ends with the server.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweeper.system.mapped import let_go_of_code
from sweeper.system.process import Process, start_of, this_process
from sweeper.system.warm import frames, place
from sweeper.system.warm.identity import difference, identity
from sweeper.system.warm.spare import HANDLES, WAITS, Leash, Visit, offer, silence
from sweeper.system.warm.standing import first_to_go

TICK = 2.0
"""Seconds between two looks at whether to go on."""

PATIENCE = 5.0
"""Seconds that a caller may take for its request."""

LEAST_SHARE, LEAST_BYTES = 0.05, 2**29
"""Memory is short below this share of the machine's, or these bytes, whichever is less."""


def keep(name: str, load: Callable[[], None], *, idle: float, leader: str = "") -> Visit | None:
    """Load, then answer until told to stop, nobody has come for `idle` seconds, memory is short or the user has left.

    Started as ``python -P -m MODULE``; says ``ready`` on standard output once it answers, and is silent from then on.

    Args:
        name: of the socket.
        load: imports the libraries; it must start no thread.
        idle: seconds.
        leader: label (``Process``) of the session that it ends with; none, if it is empty.

    Returns:
        in a copy, its visit; in the server, at its end, None.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    mine, before = identity(name), dict(os.environ)
    load()
    kept = {key: value for key, value in os.environ.items() if before.get(key) != value}
    gc.collect()
    let_go_of_code()
    gc.freeze()
    first_to_go()
    server = _Server(name, mine, kept, idle, Process.from_label(leader))
    server.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    silence()
    return server.run()


@dataclass
class _Server:
    name: str
    identity: Mapping[str, str]
    kept: Mapping[str, str]
    idle: float
    leader: Process | None
    visits: dict[int, socket.socket] = field(default_factory=dict)
    at_work: set[int] = field(default_factory=set)
    spare: int = 0
    began: float = field(default_factory=time.time)
    last: float = field(default_factory=time.monotonic)
    ending: bool = False

    def listen(self) -> None:
        """Make the socket, and let SIGTERM be an end in order."""
        self.wake = self._signals()
        self.listener = place.listen(self.name)
        self.inode = place.inode(self.name)

    def run(self) -> Visit | None:
        """Answer until the end; in a copy, until its caller is let in."""
        while not self.ending and self._goes_on():
            sources: list[Any] = [self.listener, self.wake, *self._leashes()]
            ready, _, _ = select.select(sources, [], [], TICK)
            for pid, leash in self.visits.items():
                if leash in ready and leash.fileno() >= 0:  # it may have been let go in this very round
                    self._hear(pid, leash)
            if self.wake in ready:
                os.read(self.wake, 4096)
                self._reap()
            if self.listener in ready and (visit := self._answer()):
                return visit
        place.remove(self.name, self.inode)
        return None

    def _signals(self) -> int:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._end)
        return reader

    def _end(self, *_: object) -> None:
        self.ending = True

    def _goes_on(self) -> bool:
        now = time.monotonic()
        if self.at_work:
            self.last = now
        gone = self.leader is not None and start_of(self.leader.pid) != self.leader.start
        replaced = place.inode(self.name) != self.inode
        return not (gone or replaced or now - self.last > self.idle or memory_is_short())

    def _reap(self) -> None:
        while self.visits:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._let_go(pid)
            self.at_work.discard(pid)
            del self.visits[pid]

    def _leashes(self) -> list[socket.socket]:
        return [leash for leash in self.visits.values() if leash.fileno() >= 0]

    def _hear(self, pid: int, leash: socket.socket) -> None:
        """A copy waits, works again, or is gone; of those that wait the last one is kept."""
        said = b""
        with suppress(ConnectionError):
            said = leash.recv(16)
        if said[-1:] == WAITS:
            if pid != self.spare:
                self._let_go(self.spare)
            self.spare = pid
            self.at_work.discard(pid)
        elif said:
            self.spare = 0 if pid == self.spare else self.spare
            self.at_work.add(pid)
        else:
            self._let_go(pid)

    def _let_go(self, pid: int) -> None:
        """Let a copy wait no longer; at the end of its work, if it has some, it ends."""
        if pid in self.visits:
            self.visits[pid].close()
        if pid == self.spare:
            self.spare = 0

    def _answer(self) -> Visit | None:
        """Fork; in the copy, the visit or the end of the process."""
        channel, _ = self.listener.accept()
        ours, theirs = socket.socketpair()
        pid = 0
        try:
            place.own_peer(channel)
            pid = os.fork()
        except OSError:  # another user, or no room for a process: whoever called sees the end of the connection
            for end in (channel, ours, theirs):
                end.close()
            return None
        if pid == 0:
            ours.close()
            return self._let_in(channel, Leash(theirs, self.kept))
        channel.close()
        theirs.close()
        self.visits[pid] = ours
        self.last = time.monotonic()
        return None

    def _let_in(self, channel: socket.socket, leash: Leash) -> Visit:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.listener.close()
        os.close(self.wake)
        try:
            channel.settimeout(PATIENCE)
            request, handles = frames.receive(channel, HANDLES)
            refused = difference(self.identity, request["identity"])
            if refused or request["ask"] == "status":
                frames.send(channel, self._about(refused))
                os._exit(0)
            if self.spare and offer(self.visits[self.spare], request, channel, handles):
                os._exit(0)
            for other in self._leashes():
                other.close()
            return leash.begin(channel, request, handles)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the caller does without
            with suppress(OSError):
                frames.send(channel, {"refused": f"{type(error).__name__}: {error}"})
            os._exit(1)

    def _about(self, refused: str) -> dict[str, Any]:
        left = self.idle - (time.monotonic() - self.last)
        return {
            "refused": f"another {refused}" if refused else "",
            "began": self.began,
            "in_use": len(self.at_work),
            "spare": self.spare,
            "ends_in": max(left, 0.0),
        }


def memory_is_short() -> bool:
    """Whether the machine has little left."""
    try:
        rows = (line.split() for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        sizes = {row[0]: int(row[1]) * 1024 for row in rows}
        return sizes["MemAvailable:"] < min(LEAST_SHARE * sizes["MemTotal:"], LEAST_BYTES)
    except (OSError, KeyError, ValueError):
        return False


def session_leader() -> str:
    """The label of the process whose end is the end of this terminal's session; empty where there is no terminal."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    terminal, leader = int(fields[4]), int(fields[3])
    if not terminal or leader in {0, os.getpid()}:
        return ""
    return Process(this_process().host, leader, start_of(leader)).label
