"""Trials that are ready to run, by structure. How many there are costs nothing: totals are kept, not added up."""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")

PARTS = 2**53
"""Floats in a total are counted in such parts, as whole numbers: what was added and taken away leaves no rounding."""


def exact(value: float) -> int:
    """A float from 1 on, or one less a float from 0 to 1, in ``PARTS``, without rounding."""
    return int(value * PARTS)


class WaitingTrials(Generic[Item]):
    """Trials in the order in which they came, for each structure."""

    def __init__(self) -> None:
        """Nothing waits."""
        self._rows: dict[Hashable, _Alike[Item]] = {}
        self._by_place: list[_Alike[Item]] = []
        # Each change of a row's weight is noted here; notes that are no longer true go when they come to the top.
        self._heaviest: list[tuple[int, int]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, structure: Hashable, item: Item, weight: float) -> None:
        """Queue a trial of that structure; it weighs at least 1."""
        row = self._rows.get(structure)
        if row is None:
            row = self._rows[structure] = _Alike(len(self._rows))
            self._by_place.append(row)
        row.items.append((item, weight))
        self._count += 1
        self._weigh(row, exact(weight))

    def take(self, *, limit: float, share: float, worth: float) -> list[Item]:
        """Take out the group that the next idle worker shall have. Something must wait.

        Of the structure with most work (of equals the one that was there first), as many as are the worker's fair share
        of all that is left: large groups use a processor better (the first layer is one wide product), but one group of
        everything would leave the others idle. What is more than the limit is cut into equal parts, so that no rest has
        a program of its own.

        Args:
            limit: most that a group may weigh; a trial that weighs more by itself is one.
            share: trials left to run, those under way counted by the fraction they have before them, for each worker.
            worth: a rest of so many trials is not worth a group of its own, as a group costs as much before it trains.
        """
        row = self._top()
        fitting = _fitting((weight for _, weight in row.items), limit)
        fitting = math.ceil(len(row.items) / math.ceil(len(row.items) / fitting))
        fair = max(1, math.ceil(share))
        taken = [row.items.popleft() for _ in range(fitting if fitting - fair <= worth else fair)]
        self._count -= len(taken)
        self._weigh(row, -sum(exact(weight) for _, weight in taken))
        return [item for item, _ in taken]

    def drain(self) -> list[Item]:
        """Take everything out."""
        found = [item for row in self._by_place for item, _ in row.items]
        self._rows.clear()
        self._by_place.clear()
        self._heaviest.clear()
        self._count = 0
        return found

    def _weigh(self, row: _Alike[Item], change: int) -> None:
        row.weight += change
        if row.weight:
            heapq.heappush(self._heaviest, (-row.weight, row.place))

    def _top(self) -> _Alike[Item]:
        while True:
            weight, place = self._heaviest[0]
            row = self._by_place[place]
            if row.weight == -weight:
                return row
            heapq.heappop(self._heaviest)


class _Alike(Generic[Item]):
    """The trials of one structure, their weight in all, and when the first of all came among the structures."""

    def __init__(self, place: int) -> None:
        self.place, self.weight = place, 0
        self.items: deque[tuple[Item, float]] = deque()


def _fitting(weights: Iterable[float], limit: float) -> int:
    """How many of the first trials fit into one group; one always does."""
    count, total = 0, 0.0
    for weight in weights:
        total += weight
        if count and total > limit:
            break
        count += 1
    return count
