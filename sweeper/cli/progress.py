"""How a run goes, on standard error while it goes: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Protocol, Self

from sweeper.cli.render import colour, note, number, seconds, warn
from sweeper.study.plan import Note
from sweeper.trial import EpochReport, Scores, StepReport

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_EVERY = 5.0
"""Seconds from one line to the next where there is no terminal."""


def console() -> Console:
    """Standard error, with colours only where they are wanted."""
    from rich.console import Console

    return Console(stderr=True, no_color=not colour(sys.stderr), highlight=False)


def head(done: float, total: float, text: str) -> RenderableType:
    """A bar, and one line beside it that is cut rather than wrapped."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 1), expand=True)
    line.add_column(width=16)
    line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    line.add_row(ProgressBar(max(total, 1), min(done, total)), Text(text, no_wrap=True, overflow="ellipsis"))
    return line


def roughly(value: float) -> str:
    """A duration as a forecast says it: ``7 s``, ``45 s``, ``4 min``, ``2.5 h``."""
    whole = max(1, round(value))
    if whole < 20:
        return f"{whole} s"
    if whole < 100:
        return f"{5 * round(whole / 5)} s"
    return f"{round(whole / 60)} min" if whole < 6000 else f"{whole / 3600:.1f} h"


class Display(Protocol):
    """Something that shows events while a command works."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def __call__(self, event: object) -> None:
        """Show an event, if it is one to be shown."""


@contextmanager
def showing(display: Display) -> Iterator[Callable[[object], None]]:
    """Show events in a thread of their own; gives what takes them.

    Taking one never waits for the screen, and whoever works calls nothing of the command line. At the end of the block
    everything has been shown.
    """
    events: SimpleQueue[object] = SimpleQueue()
    over, trouble = object(), list[Exception]()

    def show() -> None:
        while (event := events.get()) is not over:
            try:
                display(event)
            except Exception as error:  # noqa: BLE001 - raised again where the command waits for the end
                trouble.append(error)

    with display:
        thread = Thread(target=show, name="progress", daemon=True)
        thread.start()
        try:
            yield events.put
        finally:
            events.put(over)
            thread.join()
    if trouble:
        raise trouble[0]


def run_progress() -> RunProgress:
    """The progress of one configuration, fit for where standard error leads."""
    return RunBar() if sys.stderr.isatty() else RunProgress()


class RunProgress:
    """Lines at intervals: steps, loss and accuracy of the last batches, and of the last validation.

    A context manager; give it each event as it comes.
    """

    def __init__(self) -> None:
        """Nothing is shown before the first report."""
        self.validation = ""
        self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, event: object) -> None:
        """Show a report or a note; other events pass by."""
        if isinstance(event, Note):
            self.say(event.text)
        if isinstance(event, EpochReport):
            self.validation = f"  validation {_main(event.validation)}"
        if isinstance(event, StepReport):
            self.show(event)

    def say(self, text: str) -> None:
        """A line that stays."""
        note(warn(text))

    def show(self, report: StepReport) -> None:
        """Show a report of the training."""
        if time.monotonic() - self._shown < PLAIN_EVERY and report.step < report.steps:
            return
        self._shown = time.monotonic()
        note(f"step {report.step}/{report.steps}  {self.scores(report)}")

    def scores(self, report: StepReport) -> str:
        """Loss and accuracy, means over members."""
        name = report.train.main
        shown = "accuracy" if name == "accuracy" else "RMSE"
        return f"loss {report.train.mean('loss'):.4f}  {shown} {_main(report.train)}{self.validation}"


class RunBar(RunProgress):
    """The same on two lines that are redrawn, as a sweep's: a bar with the pace, and the scores below it."""

    def __init__(self) -> None:
        """Nothing is drawn before the context is entered."""
        from rich.live import Live

        super().__init__()
        self._last: StepReport | None = None
        self._began = time.monotonic()
        self._live: Live = Live(console=console(), refresh_per_second=8, get_renderable=self._lines)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        self._live.console.print()

    def say(self, text: str) -> None:
        """A line that stays above the bar."""
        self._live.console.print(text, style="bold yellow", markup=False)

    def show(self, report: StepReport) -> None:
        """Take in how far the training is; the screen redraws itself."""
        self._last = report

    def line(self) -> str:
        """Steps, how long it has taken with all that came before them, the pace, and how long the rest may take."""
        last, spent = self._last, seconds(time.monotonic() - self._began, whole=True)
        if last is None:
            return f"loading TensorFlow and the data  {spent}"
        rate = last.step / last.seconds if last.seconds else 0.0
        rest = roughly((last.steps - last.step) / rate) if rate and last.step < last.steps else ""
        pace = f"{rate:,.0f} steps/s" + (f", about {rest} left" if rest else "")
        return "  ".join(filter(None, (f"{last.step}/{last.steps} steps", spent, pace if rate else "")))

    def _lines(self) -> RenderableType:
        from rich.console import Group as Lines
        from rich.text import Text

        last = self._last
        top = head(last.step if last else 0, last.steps if last else 1, self.line())
        scores = [Text(self.scores(last), no_wrap=True, overflow="ellipsis")] if last else []
        return Lines(top, *scores)


def _main(scores: Scores) -> str:
    value = scores.mean(scores.main)
    return f"{value:.3f}" if scores.accuracy else number(value)
