"""A second Ctrl-C ends the program at once, whatever is still being tidied up or waited for."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sweeper.system.signals import ENDING

GRACE = 1.0
"""Seconds for the second Ctrl-C to end things in order."""


@contextmanager
def second_signal_ends(last_words: Callable[[], object]) -> Iterator[None]:
    """End the process with 130, after some last words, when a second signal that asks for its end came, and it has not.

    What is finished is safe without any tidying: studies are written trial by trial, workers end with their
    driver, and what MLflow has not got waits in a file.

    The signals are read where Python's own handler writes them, so that whoever handles them goes on doing so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, last_words), name="second signal", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)


def _watch(reader: int, last_words: Callable[[], object]) -> None:
    """Count signals until the other end is closed."""
    seen = 0
    while number := os.read(reader, 1):
        seen += number[0] in ENDING
        if seen == 2:
            time.sleep(GRACE)
            last_words()
            os._exit(130)
    os.close(reader)
