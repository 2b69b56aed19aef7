"""What happens while work goes on: the typed events that an observer is given, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sweeper.trial import EpochReport, StepReport, Trial


@dataclass(frozen=True, slots=True)
class Counts:
    """Trials of the study: asked for, and ended so far (by all drivers, ever); `running` are this driver's.

    `repeated`: of the finished and pruned ones, those that took the result of an equal one instead of being trained.
    """

    requested: int
    finished: int = 0
    pruned: int = 0
    failed: int = 0
    running: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The first of a sweep: how the study stands that is gone on with (or begun), and its best so far."""

    counts: Counts
    best: Trial | None


@dataclass(frozen=True, slots=True)
class Began:
    """Trials were handed to a worker as one group: by key (as in reports), with their overrides."""

    trials: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial has ended; how the study stands, and the best so far."""

    trial: Trial
    counts: Counts
    best: Trial | None


@dataclass(frozen=True, slots=True)
class Note:
    """A line that a person should see (a worker was lost, another driver's trials were taken over).

    Attributes:
        loud: it must not be overlooked.
    """

    text: str
    loud: bool = True


SweepEvent = Opened | Began | Ended | Note | StepReport | EpochReport
"""What a driver or a single run gives its observer."""

Observer = Callable[[SweepEvent], None]
"""Is given each event; questions have some more (``questions.run.explorer``)."""


class Notes:
    """Lines that a person should see at once, and again at the end.

    Args:
        observe: is given each at once.

    Attributes:
        lines: all of them so far.
    """

    def __init__(self, observe: Observer) -> None:
        """There are none."""
        self._observe = observe
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """One more."""
        self.lines.append(text)
        self._observe(Note(text))


def ignore(_: object) -> None:
    """An observer that takes no notice."""
