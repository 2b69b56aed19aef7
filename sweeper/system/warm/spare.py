"""A copy whose caller has ended well, and that waits for the next one: how it is offered, and how it is taken.

Between the server and each of its copies there is a pair of sockets, the leash. A copy says on it that it waits, and
that it works; the server's end closed, it waits no longer. A copy that has just been forked may offer its caller to
the waiting one: it sends one end of a pair of its own over the leash, and over that the request. Only when the waiting
one has said that it fits does the caller's connection follow: each caller is served once, whoever is slow or dies.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sweeper.system.warm import frames
from sweeper.system.warm.standing import first_to_go, take_over

WAITS, WORKS = b"w", b"k"
"""What a copy says of itself."""

HANDLES = 4
"""File descriptors of a request, at most: working directory, standard error, output and input, in this order."""

PATIENCE = 1.0
"""Seconds that a copy may take to say whether a caller fits, and the other side to hand the caller over."""


@dataclass(frozen=True)
class Visit:
    """A caller and what it asked for, in the copy that works for it.

    Attributes:
        channel: to the caller.
        asked: the request's own part.
        handles: as sent, but for the working directory and the streams, which are taken over.
        leash: to the server.
    """

    channel: socket.socket
    asked: Mapping[str, Any]
    handles: list[int]
    leash: Leash


class Leash:
    """A copy's end.

    Args:
        channel: to the server.
        kept: variables that loading the libraries set, which no caller's environment has.
    """

    def __init__(self, channel: socket.socket, kept: Mapping[str, str]) -> None:
        """The copy works for its first caller."""
        self._channel = channel
        self._kept = kept

    def fileno(self) -> int:
        """For ``select``: readable when somebody is offered, or the server has let go."""
        return self._channel.fileno()

    def wait(self) -> None:
        """Let go of what belongs to the last caller, and be there for another one.

        Raises:
            OSError: the server is gone, or is not to be waited for.
        """
        let_go_of_caller()
        self._channel.send(WAITS)

    def taken(self, fits: Callable[[Mapping[str, Any]], bool]) -> Visit | None:
        """The caller who is offered, if its request fits; nobody where it does not, or whoever offered it is gone.

        Raises:
            EOFError: the server has let go.
            OSError, ValueError: the copy has taken the caller, and could not stand where that stands.
        """
        head, found, _, _ = socket.recv_fds(self._channel, 1, 1)
        if not head:
            raise EOFError
        if not found:
            return None
        request, handles = _received(socket.socket(fileno=found[0]), fits)
        if not handles:
            return None
        return self.begin(socket.socket(fileno=handles[0]), request, handles[1:])

    def begin(self, channel: socket.socket, request: Mapping[str, Any], handles: list[int]) -> Visit:
        """Stand where a caller stands, and say to it that this is its copy.

        Raises:
            OSError, ValueError: the copy may not stand there, or the caller is gone.
        """
        self._channel.send(WORKS)
        take_over(request["standing"], handles[0], self._kept)
        os.dup2(handles[1], 2)
        me = os.pidfd_open(os.getpid())
        frames.send(channel, {"ready": os.getpid()}, [me])
        channel.settimeout(None)
        for handle in (me, handles[0], handles[1]):
            os.close(handle)
        return Visit(channel, request, handles[2:], self)

    def close(self) -> None:
        """Never wait for anybody."""
        self._channel.close()


def offer(leash: socket.socket, request: object, channel: socket.socket, handles: Sequence[int]) -> bool:
    """Offer a caller to the copy at the other end; whether it has taken it, and nobody else may.

    Args:
        leash: the server's end.
        request: the caller's.
        channel: to the caller.
        handles: the caller's.
    """
    ours, theirs = socket.socketpair()
    with ours:
        ours.settimeout(PATIENCE)
        try:
            with theirs:
                socket.send_fds(leash, [b"?"], [theirs.fileno()])
            frames.send(ours, request)
            fits, _ = frames.receive(ours)
        except OSError:
            return False
        if fits:
            with suppress(OSError):  # if it dies now, the caller sees the end of its connection
                frames.send(ours, None, [channel.fileno(), *handles])
        return bool(fits)


def _received(desk: socket.socket, fits: Callable[[Mapping[str, Any]], bool]) -> tuple[Mapping[str, Any], list[int]]:
    """A request and, if it fits, the connection to the caller before the caller's handles."""
    with desk, suppress(ConnectionError, TimeoutError):
        desk.settimeout(PATIENCE)
        request, _ = frames.receive(desk)
        answer = fits(request)
        frames.send(desk, answer)
        if answer:
            _, handles = frames.receive(desk, HANDLES + 1)
            return request, handles
    return {}, []


def let_go_of_caller() -> None:
    """Have nothing of its terminal, folder or environment, and be among the first that the kernel takes."""
    os.environ.clear()
    os.chdir("/")
    first_to_go()
    silence()


def silence() -> None:
    """Let go of the standard streams."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    os.close(null)
