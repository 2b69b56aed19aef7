"""Where warm servers are found: Unix sockets in a folder that is the user's alone.

Whoever could put a socket of theirs there would be given the user's environment and files; whoever could connect would
run code as the user. So the folder is opened once, checked, and everything in it is reached through that handle; and
each side asks the kernel who the other is (SO_PEERCRED).
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SWEEPER_WARM"
"""Names another folder; empty, no warm server is looked for."""

COMMANDS = "commands"
"""The name of the warm server that has everything loaded which a command's own process needs."""

BACKLOG = 16
_CREDENTIALS = struct.Struct("3i")


class RefusedError(OSError):
    """A folder, a socket or a process that is not the user's alone."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a socket, as the kernel says: their process and their user."""

    pid: int
    user: int


def supported() -> bool:
    """Whether this system tells who is at the other end of a socket, and has handles of processes."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.environ.get(VARIABLE) != ""


def folder() -> Path:
    """The user's own, which goes with the logout where the system has such a folder (XDG_RUNTIME_DIR)."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "sweeper-warm"
    return Path(tempfile.gettempdir()) / f"sweeper-warm-{os.geteuid()}"


def open_folder(*, make: bool = False) -> int:
    """A handle of the folder.

    Args:
        make: whether to make it where it is not there.

    Raises:
        FileNotFoundError: it is not there.
        RefusedError: it is not the user's alone.
    """
    path = folder()
    if make:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RefusedError(f"{path} is no folder of yours: {error.strerror}") from error
    found = os.fstat(handle)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:
        os.close(handle)
        raise RefusedError(f"{path} is not yours alone: owner {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o}")
    return handle


def listen(name: str) -> socket.socket:
    """A listening socket of that name; one that was there is replaced.

    Raises:
        OSError: the folder is refused or cannot be written.
    """
    handle = open_folder(make=True)
    draft = f"{name}.{os.getpid()}"
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(f"/proc/self/fd/{handle}/{draft}")  # a path by itself may be too long for a socket
        os.chmod(draft, 0o600, dir_fd=handle)
        listener.listen(BACKLOG)
        os.rename(draft, name, src_dir_fd=handle, dst_dir_fd=handle)
    except OSError:
        listener.close()
        raise
    finally:
        os.close(handle)
    return listener


def connect(name: str, patience: float) -> tuple[socket.socket, Peer]:
    """A connection to the server of that name, and who it is.

    Raises:
        FileNotFoundError: there is none.
        RefusedError: folder, socket or server are not the user's alone.
        OSError: nobody listens, or nobody answers in `patience` seconds.
    """
    handle = open_folder()
    channel = socket.socket(socket.AF_UNIX)
    try:
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise RefusedError(f"{folder() / name} is no socket of yours")
        channel.settimeout(patience)
        channel.connect(f"/proc/self/fd/{handle}/{name}")
        return channel, own_peer(channel)
    except OSError:
        channel.close()
        raise
    finally:
        os.close(handle)


def own_peer(channel: socket.socket) -> Peer:
    """Who is at the other end.

    Raises:
        RefusedError: another user, or a process that cannot be seen from here.
    """
    size = _CREDENTIALS.size
    pid, user, _ = _CREDENTIALS.unpack(channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    if user != os.geteuid() or pid <= 0:
        raise RefusedError(f"the other end is process {pid} of user {user}")
    return Peer(pid, user)


def inode(name: str) -> int:
    """What tells the socket of that name from a later one; 0 where it, or its folder, is gone or refused."""
    try:
        handle = open_folder()
    except OSError:
        return 0
    try:
        return os.stat(name, dir_fd=handle, follow_symlinks=False).st_ino
    except OSError:
        return 0
    finally:
        os.close(handle)


def remove(name: str, number: int) -> None:
    """Take away the socket of that name, if it is still that one, and the folder, where nothing else is in it."""
    if number and inode(name) == number:
        with suppress(OSError):
            (folder() / name).unlink()
    with suppress(OSError):
        folder().rmdir()
