"""How a sweep goes, on standard error while it goes: live on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sweeper.cli.plot import fits, plotted
from sweeper.cli.progress import PLAIN_EVERY, console, head, roughly
from sweeper.cli.render import note, own_overrides, seconds, warn
from sweeper.cli.scores import score
from sweeper.study.plan import Began, Counts, Ended, Note, Opened
from sweeper.trial import StepReport, Trial

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


STILL_EVERY = 60.0
"""Seconds between two lines while no trial ends."""

LEAST = 2
"""Trials, or parts of trials, before a rest is foretold: the first are no measure."""


LEAST_DRAWN = 5
"""Trials that are worth a plot."""


SEEDS = "fresh seeds: "
"""The phase in which what leads is repeated."""


@dataclass
class RunningGroup:
    """Trials that a worker trains as one program: their overrides by number, and how far they are."""

    trials: dict[int, tuple[str, ...]]
    last: StepReport | None = None


def sweep_progress(requested: int) -> SweepProgress:
    """The progress of a sweep of so many trials, fit for where standard error leads."""
    return SweepScreen(requested) if sys.stderr.isatty() else SweepProgress(requested)


class SweepProgress:
    """Counts, pace and the best so far, as lines at intervals.

    A context manager; give it each thing that the driver tells its observer.
    """

    def __init__(self, requested: int) -> None:
        """Nothing is shown before the first trial has ended."""
        self.requested = requested
        self._fixed: Collection[str] = ()
        self.counts: Counts | None = None
        self.best: Trial | None = None
        self.groups: list[RunningGroup] = []
        self.bests: list[float] = []
        self._ended, self._before = 0, 0.0
        self._reported = False
        self._study = self.phase = ""
        self._phase_began = time.monotonic()
        self._began = self._heard = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, event: object) -> None:
        """Take in what the driver tells, and show it when it is time."""
        match event:
            case Opened():
                self.bests, self._fixed = [], event.fixed or self._fixed
                self._stands(event.counts, event.best)
                if event.study != self._study:  # a race opens its study again for each round
                    self._study, self.phase, self._phase_began = event.study, phase_of(event.study), time.monotonic()
                self._ended, self._before, self._reported = 0, 0.0, False
            case Began():
                self.groups.append(RunningGroup({_number(key): overrides for key, overrides in event.trials.items()}))
            case StepReport():
                self._moved(event)
                self.show(every=STILL_EVERY)
            case Ended():
                self._told(event)
                self.show()
            case Note():
                self.say(event)

    def say(self, event: Note) -> None:
        """A line that stays."""
        note(warn(event.text) if event.loud else event.text)

    def show(self, every: float = PLAIN_EVERY) -> None:
        """A line with everything, where the last one is so many seconds ago."""
        last = self.counts is not None and self.left == 0
        if time.monotonic() - self._shown < every and not last:
            return
        self._shown = time.monotonic()
        note("  ".join(filter(None, (self.line(), self.leader()))))

    def line(self) -> str:
        """The phase, how many trials there are, how long it has taken, and how long it may take."""
        spent = seconds(time.monotonic() - self._phase_began, whole=True)
        return "  ".join(filter(None, (f"{self.phase}{self.standing()}", spent, self.pace())))

    @property
    def done(self) -> int:
        """Trials that count: finished or pruned."""
        return self.counts.finished + self.counts.pruned if self.counts else 0

    @property
    def left(self) -> int:
        """Trials that are still to come."""
        return max(self.requested - self.done, 0)

    def standing(self) -> str:
        """How many trials there are of each kind."""
        enough = self.done > self.requested
        parts = [
            f"{self.done} trials, {self.requested} asked for" if enough else f"{self.done}/{self.requested} trials"
        ]
        if self.counts:
            kinds = ("pruned", self.counts.pruned), ("failed", self.counts.failed)
            parts += [f"{count} {kind}" for kind, count in kinds if count]
        return ", ".join(parts)

    def pace(self) -> str:
        """Trials a minute, one that is half trained counted for a half, and how long the rest may take at that rate."""
        worked = self._ended + self._under_way - self._before
        over = self.counts is not None and not self.left  # and then the rate of what came after the first says nothing
        known = worked >= LEAST or self._heard - self._began >= STILL_EVERY  # or it is that of a moment
        if over or not worked or not known:
            return ""
        rate = worked / max(self._heard - self._began, 0.001)
        rest = max(self.left - self._under_way, 0) / rate
        left = f", about {roughly(rest)} left" if self.left else ""
        return f"{rate * 60:.3g} a minute{left}"

    @property
    def _under_way(self) -> float:
        """Trials that are being trained, each by the part of its steps that is done."""
        return sum(len(group.trials) * group.last.step / group.last.steps for group in self.groups if group.last)

    def leader(self) -> str:
        """The best trial so far."""
        if self.best is None or self.best.score is None or self.phase == SEEDS:  # the best of its seeds is luck
            return ""
        own = own_overrides(self.best.overrides, self._fixed)
        said = f"best on validation {score(self.best.score)}: trial {self.best.number}"
        return said + (f" ({own})" if own else "")

    def _stands(self, counts: Counts, best: Trial | None) -> None:
        self.counts, self.best, self.requested = counts, best, counts.requested
        if best is not None and best.score is not None:
            self.bests.append(best.score)

    def _moved(self, report: StepReport) -> None:
        for group in self.groups:
            if _number(report.key) in group.trials:
                group.last = report
        self._heard = time.monotonic()
        if not self._reported and not self._ended:  # the start-up says nothing of the pace
            self._began, self._before, self._reported = self._heard, self._under_way, True

    def _told(self, event: Ended) -> None:
        self._stands(event.counts, event.best)
        self._ended += 1
        self._heard = time.monotonic()
        for group in self.groups:
            group.trials.pop(event.trial.number, None)
        self.groups = [group for group in self.groups if group.trials]


class SweepScreen(SweepProgress):
    """The same on a few lines that are redrawn: a bar, the pace, the best, and what each worker trains."""

    def __init__(self, requested: int) -> None:
        """Nothing is drawn before the context is entered."""
        from rich.live import Live

        super().__init__(requested)
        self._console = console()
        self._live: Live = Live(console=self._console, refresh_per_second=8, get_renderable=self._lines)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.groups = []
        self._live.stop()
        self._live.console.print()

    def say(self, event: Note) -> None:
        """A line that stays above what is redrawn."""
        self._live.console.print(event.text, style="bold yellow" if event.loud else "", markup=False)

    def show(self, every: float = PLAIN_EVERY) -> None:
        """Nothing to do: the screen redraws itself."""

    def _lines(self) -> RenderableType:
        from rich.console import Group as Lines
        from rich.text import Text

        lines = [self.leader(), *(self._training(group) for group in self.groups)]
        waits = not (self.groups or self._ended) and (self.counts is None or self.left)
        starting = "" if not waits else "reading the data" if self.counts is None else "starting the workers"
        top = head(self.done, self.requested, self.line())
        drawn = [*lines, starting, *self._plot()]
        return Lines(top, *(Text(line, no_wrap=True, overflow="ellipsis") for line in drawn if line))

    def _plot(self) -> list[str]:
        """The best score so far after each trial, where there is room; of a confirmation there is none."""
        size, encoding = self._console.size, self._console.encoding
        if self.phase or len(self.bests) < LEAST_DRAWN or not fits(size.width, size.height, encoding):
            return []
        drawn = plotted(self.bests, score(min(self.bests)), score(max(self.bests)))
        return ["best so far, by trial", *drawn] if drawn else []

    def _training(self, group: RunningGroup) -> str:
        """One line on a group: its first trial, how many more there are, steps, scores, and what tells it apart."""
        first, overrides = next(iter(group.trials.items()))
        more = f" and {len(group.trials) - 1} more" if len(group.trials) > 1 else ""
        last = group.last
        step = f"{last.step}/{last.steps}  {_main(last)}" if last else "starting"
        return f"  trial {first}{more}  {step}  {own_overrides(overrides, self._fixed)}"


def _main(report: StepReport) -> str:
    name = report.train.main
    value = report.train.mean(name)
    return f"{name} {value:.3f}" if name == "accuracy" else f"RMSE {score(value)}"


def _number(key: str) -> int:
    """The trial's number in a key such as ``tanh-sweep/17``."""
    return int(key.rpartition("/")[2])


def phase_of(study: str) -> str:
    """What a study's trials are for, by its name; nothing where that goes without saying."""
    if re.search(r"-confirm-[0-9a-f]{6}$|^compare-[0-9a-f]{8}$", study):
        return SEEDS
    return "random search: " if study.endswith("-random") else ""
