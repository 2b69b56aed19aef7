"""What a Ctrl-C means to a sweep: the first ends it cleanly, the second at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


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
    """Catch SIGINT and SIGTERM for as long as this lasts; the second of them raises KeyboardInterrupt where it falls.

    Several sweeps in a row are surrounded by one more: what comes between two of them, or after the last look of one,
    is seen by the next. In a thread that is not the main one, signals are somebody else's, and nothing is caught.
    """
    around = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if isinstance(around, Interrupts):
        yield around
        return
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = {number: signal.signal(number, interrupts.catch) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
