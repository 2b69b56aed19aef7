"""The port of a web interface, held from the moment it is chosen."""

from __future__ import annotations

import contextlib
import socket
import time

from sweeper.errors import InputError

PORT = 5000
_RELEASE = 6.0
"""Seconds until a port that was asked for counts as taken: an interface that is just ending still has it."""
_WAITING = 128
"""Connections that wait until they are answered."""


def listening(host: str, asked: int | None) -> socket.socket:
    """A socket that listens: on the port that was asked for, else on 5000 or any.

    Whoever connects before there is a server waits for it. A port that is only found free may be another's by the time
    that a server has started: even that of a connection that looks whether it has.

    Raises:
        InputError: the port is taken, or the host is none of this machine's.
    """
    deadline = time.monotonic() + (_RELEASE if asked is not None else 0)
    while True:
        for port in [asked] if asked is not None else [PORT, 0]:
            with contextlib.suppress(OSError):
                return _listen(host, port)
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    raise InputError(
        f"Port {asked or PORT} on {host} cannot be used", hint="give another with --port, or none", key="--port"
    )


def free_port(host: str, asked: int | None) -> int:
    """A port to listen on, for those who open it themselves. Raises InputError where it is taken."""
    with listening(host, asked) as found:
        return int(found.getsockname()[1])


def _listen(host: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(_WAITING)
    except OSError:
        found.close()
        raise
    return found
