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


@contextmanager
def listen() -> Iterator[Interrupts]:
    """Catch SIGINT and SIGTERM for as long as this lasts; the second of them raises KeyboardInterrupt where it falls.

    In a thread that is not the main one, signals are somebody else's, and nothing is caught.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return

    def handle(number: int, _: FrameType | None) -> None:
        if interrupts.caught:
            raise KeyboardInterrupt
        interrupts.caught = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
