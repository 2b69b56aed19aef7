"""The other side of a warm server: ask it for a copy of itself, or after how it is, or to end."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sweeper.system.warm import frames, place
from sweeper.system.warm.identity import identity
from sweeper.system.warm.standing import standing

PATIENCE = 3.0
"""Seconds that a server may take, all in all, before one does without it."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A copy of a warm server that works for this process.

    Attributes:
        channel: to it; closed, it ends.
        pid: of it.
        handle: of the process (pidfd), which means this one even when the number is somebody else's.
    """

    channel: socket.socket
    pid: int
    handle: int

    def send_signal(self, number: int) -> None:
        """Send it a signal; one that has ended does not get it."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        ready, _, _ = select.select([self.handle], [], [], seconds)
        return bool(ready)

    def close(self) -> None:
        """Let go of the handle."""
        os.close(self.handle)


def borrow(name: str, asked: Mapping[str, Any], streams: Sequence[int] = (2,)) -> Lent | None:
    """A copy of the server of that name, in this process's surroundings.

    Args:
        name: of the server.
        asked: what it shall do; JSON.
        streams: its standard error first, then what else it needs.

    Returns:
        None where there is no server, or none that may be used: it was made from another version, with other variables
        or less rights, it hangs, or it is not the user's.
    """
    if not place.supported() or not place.inode(name):
        return None
    try:
        folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # it was deleted, or may not be read
        return None
    try:
        return _ask(name, {**asked, "ask": "work", "standing": standing()}, [folder, *streams])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    finally:
        os.close(folder)


def status(name: str) -> dict[str, Any]:
    """How the server of that name is, or would answer this process: ``pid``, ``refused`` and what it says of itself.

    Raises:
        FileNotFoundError: there is none.
        OSError: it does not answer, or is not the user's.
    """
    channel, peer = place.connect(name, PATIENCE)
    with channel:
        frames.send(channel, {"ask": "status", "identity": identity(name)})
        answer, _ = frames.receive(channel)
    return {"pid": peer.pid, **answer}


def stop(name: str) -> int:
    """End the server of that name, hung or not, and take its socket away; its process id, 0 where nobody listened.

    Raises:
        RefusedError: it is not the user's.
    """
    number = place.inode(name)
    try:
        channel, peer = place.connect(name, PATIENCE)
    except place.RefusedError:
        raise
    except OSError:
        place.remove(name, number)
        return 0
    channel.close()
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(peer.pid)
        for ending in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, ending)
            if select.select([handle], [], [], PATIENCE)[0]:
                break
        os.close(handle)
    place.remove(name, number)
    return peer.pid


def _ask(name: str, request: Mapping[str, Any], handles: Sequence[int]) -> Lent | None:
    channel, _ = place.connect(name, PATIENCE)
    found: list[int] = []
    try:
        frames.send(channel, {**request, "identity": identity(name)}, handles)
        answer, found = frames.receive(channel, 1)
    finally:
        if not found:
            channel.close()
    if not found:
        return None
    channel.settimeout(None)
    return Lent(channel, int(answer["ready"]), found[0])
