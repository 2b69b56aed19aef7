"""One JSON document with file descriptors beside it, over a Unix socket."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from typing import Any

_LENGTH = 4
_MOST = 2**24
"""Bytes of a document; an environment is a few thousand."""


def send(channel: socket.socket, document: object, handles: Sequence[int] = ()) -> None:
    """Send a document.

    Raises:
        OSError: nobody takes it, or not in time.
    """
    body = json.dumps(document).encode("ascii")
    socket.send_fds(channel, [len(body).to_bytes(_LENGTH, "little")], handles)
    channel.sendall(body)


def receive(channel: socket.socket, handles: int = 0) -> tuple[Any, list[int]]:
    """A document and up to so many file descriptors, which the caller closes.

    Raises:
        OSError: it does not come, not in time, or is none.
    """
    head, found, _, _ = socket.recv_fds(channel, _LENGTH, handles)
    for handle in found:
        os.set_inheritable(handle, False)
    try:
        size = int.from_bytes(head, "little")
        if len(head) != _LENGTH or size > _MOST:
            raise ConnectionError("no document")
        return json.loads(_exactly(channel, size)), found
    except (OSError, ValueError) as error:
        for handle in found:
            os.close(handle)
        raise error if isinstance(error, OSError) else ConnectionError("no document") from error


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = channel.recv(min(size, 65536))
        if not part:
            raise ConnectionError("the other end is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
