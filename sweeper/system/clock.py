"""A clock for deadlines that stops while this process does."""

from __future__ import annotations

import time


class AwakeClock:
    """Seconds in which this process was awake.

    A driver that was stopped for minutes (SIGSTOP, a suspended laptop) must not take its workers for hung: from one
    call of ``now`` to the next at most `longest` seconds are counted, however long it was.
    """

    def __init__(self, longest: float = 5.0) -> None:
        """Starts at 0."""
        self._longest = longest
        self._last = time.monotonic()
        self._seconds = 0.0

    def now(self) -> float:
        """Seconds awake since the start."""
        last, self._last = self._last, time.monotonic()
        self._seconds += min(self._last - last, self._longest)
        return self._seconds
