"""Standard streams that cannot harm the work: closed, full, or with nobody who reads them."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class ReaderGoneError(BrokenPipeError):
    """Whoever read standard output has gone away (``| head``)."""


def protect() -> None:
    """Make the three standard streams usable, whatever the shell has made of them.

    A closed descriptor is opened on the null device: else the next file that is opened, a database say, would have its
    number, and whatever a library writes to "standard error" would land in it.
    """
    was_closed = [descriptor for descriptor in range(3) if _open(descriptor)]
    # With standard error closed, too, nobody wants to be told anything: as of a daemon, the work alone counts.
    lost = 1 in was_closed and 2 not in was_closed
    sys.stdout = _text(1, _Nowhere if lost else _Output, sys.stdout)
    sys.stderr = _text(2, _Messages, sys.stderr)


def abandon(stream: TextIO) -> None:
    """Lead a stream's descriptor nowhere: what is still buffered would fail again when the program ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def _open(descriptor: int) -> bool:
    """Open the null device where a descriptor is closed; whether it was."""
    try:
        os.fstat(descriptor)
    except OSError:  # it is closed, and therefore the lowest that is free
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        return True
    return False


def _text(descriptor: int, raw: Callable[[int], io.RawIOBase], before: object) -> io.TextIOWrapper:
    """A character that the stream cannot show is shown as its code."""
    encoding = getattr(before, "encoding", None) or "utf-8"
    buffer = io.BufferedWriter(raw(descriptor))
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=descriptor == 2 or os.isatty(1))


class _Stream(io.FileIO):
    """A descriptor that somebody else may have made non-blocking: a write waits all the same."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)

    def write(self, data: ReadableBuffer, /) -> int:
        while (written := super().write(data)) is None:
            select.select([], [self.fileno()], [])
        return written


class _Output(_Stream):
    """Standard output: the document, whose loss is told apart from every other broken pipe."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise ReaderGoneError(*error.args) from error


class _Nowhere(_Output):
    """Standard output that the shell has closed: an answer that is written there is lost, and that is said once."""

    _said = False

    def write(self, data: ReadableBuffer, /) -> int:
        if self._said:  # what is still buffered when the program ends
            return memoryview(data).nbytes
        self._said = True
        raise OSError(errno.EBADF, "the shell has closed it")


class _Messages(_Stream):
    """Standard error: what cannot be written is let go, for a sweep is worth more than the lines about it.

    The next line is tried again: a disk that was full may have room.
    """

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
