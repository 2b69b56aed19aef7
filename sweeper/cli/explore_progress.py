"""How an exploration goes: which question, how far it is, and how long the rest may take."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from sweeper.cli.progress import PLAIN_EVERY, console
from sweeper.cli.render import note, seconds

if TYPE_CHECKING:
    from sweeper.questions.explore import Asked


class ExploreProgress:
    """A context manager; give it each thing that the exploration tells its observer.

    On a terminal one line is redrawn; elsewhere a line is written now and then.
    """

    def __init__(self) -> None:
        """Nothing is shown before the first question."""
        self._asked: Asked | None = None
        self._done = 0
        self._began = self._shown = time.monotonic()
        self._status = console().status("loading TensorFlow and the data") if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, event: object) -> None:
        """Take in what is told, and show it when it is time."""
        from sweeper.questions.explore import Answered, Asked
        from sweeper.study.plan import Ended, Note

        match event:
            case Asked():
                self._asked, self._done, self._began = event, 0, time.monotonic()
                self._show(at_once=True)
            case Ended():
                self._done = event.counts.finished + event.counts.pruned + event.counts.failed
                self._show()
            case Answered():
                self._say(f"{event.answer.name}: {event.answer.sentences[0]}")
            case Note():
                self._say(event.text)

    def _show(self, *, at_once: bool = False) -> None:
        if self._status:
            self._status.update(self._line())
        elif at_once or time.monotonic() - self._shown > PLAIN_EVERY:
            self._shown = time.monotonic()
            note(self._line())

    def _line(self) -> str:
        assert self._asked is not None
        job, spent = self._asked.job, time.monotonic() - self._began
        left = f", about {seconds(spent * (job.trials - self._done) / self._done)} left" if self._done > 4 else ""
        return (
            f"question {self._asked.place} of {self._asked.of}, {job.prepared.question.name}: "
            f"{self._done} of {job.trials} trials{left}"
        )

    def _say(self, text: str) -> None:
        if self._status:
            self._status.console.print(text, markup=False)
        else:
            note(text)
