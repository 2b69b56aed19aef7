"""How many of the workers that were ordered are there, said when it is worth a line."""

from __future__ import annotations

from time import monotonic

PATIENCE = 15.0
"""Seconds that a worker may take to start before it is said that it is missing."""


class Attendance:
    """What was said of how many there are."""

    def __init__(self) -> None:
        """Nobody is there, and nothing was said."""
        self._there, self._since, self._told = 0, monotonic(), ""

    def news(self, there: int, wanted: int) -> str:
        """A line for people: some have been missing for long, or all are there after that was said; else nothing."""
        if there != self._there:
            self._there, self._since = there, monotonic()
            return ""
        missing = wanted - there
        text = f"{there} of {wanted} workers are there"
        if missing:
            text += f"; {'1 waits' if missing == 1 else f'{missing} wait'} for room in the cluster"
            if text == self._told or monotonic() - self._since < PATIENCE:
                return ""
        elif not self._told:
            return ""
        self._told = text if missing else ""
        return text
