"""What a Ctrl-C means to a sweep: the first ends it cleanly, the second at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a command to end."""


@dataclass
class Interrupts:
    """Signals that were caught.

    Attributes:
        caught: the name of the first one; empty for none.
    """

    caught: str = ""

    def catch(self, number: int, _: FrameType | None) -> None:
        """As a signal's handler: the first is noted, the second raises KeyboardInterrupt where it falls."""
        if self.caught:
            raise KeyboardInterrupt
        self.caught = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


@contextmanager
def listen() -> Iterator[Interrupts]:
    """Catch SIGINT, SIGTERM and SIGHUP while this lasts; the second of them raises KeyboardInterrupt where it falls.

    Several sweeps in a row are surrounded by one more: what comes between two of them, or after one has asked for the
    last time, is seen by the next. In a thread that is not the main one, signals are somebody else's, and nothing is
    caught. A SIGHUP that is ignored already, as by nohup, stays ignored.
    """
    around = listening()
    if around is not None:
        yield around
        return
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    caught = [number for number in ENDING if number != signal.SIGHUP or not _is_ignored(number)]
    before = {number: signal.signal(number, interrupts.catch) for number in caught}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def answer_early() -> None:
    """Let SIGTERM and SIGHUP be KeyboardInterrupt, as Ctrl-C is, until a sweep listens: by themselves they say nothing.

    One that is ignored already, as by nohup, stays ignored.
    """

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    for number in ENDING:
        if number != signal.SIGINT and not _is_ignored(number):
            signal.signal(number, stop)


def listening() -> Interrupts | None:
    """What catches signals now; None where nobody listens."""
    around = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    return around if isinstance(around, Interrupts) else None


def die_with(parent: int) -> None:
    """Ask the kernel for a SIGKILL when the parent ends (Linux; elsewhere the closed pipe ends a worker)."""
    if sys.platform == "linux":
        import ctypes  # which the start of a command has no use for

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
