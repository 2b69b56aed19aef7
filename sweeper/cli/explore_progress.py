"""How an exploration goes: which question, how far it is, and how long the rest may take."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from sweeper.cli.progress import PLAIN_EVERY, console, head, roughly
from sweeper.cli.render import note, seconds, warn

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from sweeper.questions.run.explorer import Asked
    from sweeper.questions.run.forecast import Forecast
    from sweeper.study.plan import Ended


class ExploreProgress:
    """A context manager; give it each thing that the exploration tells its observer.

    On a terminal one line is redrawn; elsewhere a line is written now and then.
    """

    def __init__(self, workers: int) -> None:
        """Nothing is shown before the first question."""
        self._pace = Pace(workers)
        self._asked: Asked | None = None
        self._done = 0
        self._began = self._shown = time.monotonic()
        self._live: Live | None = None
        if sys.stderr.isatty():
            from rich.live import Live

            self._live = Live(console=console(), refresh_per_second=8, get_renderable=self._screen)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._asked = None
            self._live.stop()

    def __call__(self, event: object) -> None:
        """Take in what is told, and show it when it is time."""
        from sweeper.questions.run.explorer import Answered, Asked
        from sweeper.study.plan import Ended, Note, Opened

        match event:
            case Asked():
                self._begin(event)
            case Opened():
                self._done = event.counts.finished + event.counts.pruned + event.counts.failed
            case Ended():
                self._end(event)
            case Answered() if self._asked is None or len(self._asked.jobs) > 1:  # one answer alone comes at the end
                self._say(f"{event.answer.name}: {event.answer.sentences[0]}")
            case Note():
                self._say(warn(event.text) if event.loud else event.text)

    def _begin(self, event: Asked) -> None:
        forecasts = [job.forecast for job in event.jobs]
        if event.place == 0 and len(event.jobs) > 1:
            trials = sum(forecast.trials for forecast in forecasts)
            total = roughly(self._pace.seconds(sum(forecast.total for forecast in forecasts)))
            self._say(f"{len(event.jobs)} questions, {trials:,} trials, about {total}")
        self._asked, self._done = event, 0
        self._pace.begin(forecasts[event.place], sum(forecast.total for forecast in forecasts[event.place + 1 :]))
        self._show(at_once=True)

    def _end(self, event: Ended) -> None:
        self._done = event.counts.finished + event.counts.pruned + event.counts.failed
        values = event.trial.values
        self._pace.end((str(values.get("condition")), str(values.get("phase"))), self._done)
        self._show()

    def _show(self, *, at_once: bool = False) -> None:
        if self._live is None and (at_once or time.monotonic() - self._shown > PLAIN_EVERY):
            self._shown = time.monotonic()
            note(self._line())

    def _screen(self) -> RenderableType:
        if self._asked is None:
            return "" if self._done else "reading the data"
        return head(self._done, self._asked.jobs[self._asked.place].forecast.trials, self._line())

    def _line(self) -> str:
        assert self._asked is not None
        job, of = self._asked.jobs[self._asked.place], len(self._asked.jobs)
        place = f"question {self._asked.place + 1} of {of}, " if of > 1 else ""
        line = f"{place}{job.prepared.question.name}: {self._done} of {job.forecast.trials} trials"
        line += f"  {seconds(time.monotonic() - self._began, whole=True)}"
        this, later = self._pace.left()
        line += f", about {roughly(this)} left" if this else ""
        return line + (f", and {roughly(later)} for the other questions" if later else "")

    def _say(self, text: str) -> None:
        if self._live:
            from rich.text import Text

            self._live.console.print(Text.from_ansi(text))
        else:
            note(text)


class Pace:
    """Turns forecasts into seconds: at first by the number of workers, then by how long trials really take."""

    def __init__(self, workers: int) -> None:
        """Nothing has been measured."""
        self._factor = 1 / workers
        self._forecast: Forecast | None = None
        self._later = self._left = self._spent = self._did = 0.0
        self._own = 0
        self._at: float | None = None

    def begin(self, forecast: Forecast, later: float) -> None:
        """A question begins; `later` is the forecast of those after it."""
        self._forecast, self._later, self._left, self._own = forecast, later, forecast.total, 0
        if self._at is None:
            # What was foretold counts as if so much of the first question had been seen.
            self._did = forecast.total / 5
            self._spent = self._did * self._factor

    def end(self, kind: tuple[str, str], done: int) -> None:
        """A trial of a condition and phase has ended; `done` are those that have in all, some of them earlier."""
        assert self._forecast is not None
        self._own += 1
        if self._own == 1:
            self._left -= sum(self._forecast.order[: done - 1])
        cost = self._forecast.costs.get(kind, 0.0)
        self._left = max(0.0, self._left - cost)
        now = time.monotonic()
        if self._at is not None:  # up to the first end of all, most of the time went into starting up
            self._spent, self._did = self._spent + now - self._at, self._did + cost
            self._factor = self._spent / self._did
        self._at = now

    def left(self) -> tuple[float, float]:
        """Seconds that this question and those after it may take."""
        return self.seconds(self._left), self.seconds(self._later)

    def seconds(self, cost: float) -> float:
        """How long a forecast's cost takes at the pace so far."""
        return cost * self._factor
