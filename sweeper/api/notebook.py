"""How a call goes, in a notebook: one line that is drawn again, with a bar, and the notes above it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape
from typing import Any, Self

from sweeper.study.plan import Ended, Note, Opened
from sweeper.trial import EpochReport, StepReport, Trial

EVERY = 0.25
"""Seconds from one drawing to the next."""


class NotebookProgress:
    """A context manager; give it each event as it comes. The line goes when the work is done, notes stay."""

    def __init__(self, kind: str, trials: int = 0) -> None:
        """Nothing is shown before the context is entered; `kind` and `trials` as of ``Shown``."""
        self._kind, self._shown = kind, 0.0
        self._done, self._of = 0.0, float(trials)
        self._text, self._notes = "loading TensorFlow and the data", list[str]()
        self._validation = ""
        self._handle: Any = None

    def __enter__(self) -> Self:
        from IPython.display import display

        self._handle = display(self._bundle(), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *_: object) -> None:
        self._of = 0.0
        self._text = ""
        self._draw()

    def __call__(self, event: object) -> None:
        """Take in what is told, and draw it when it is time."""
        match event:
            case Note() if event.loud:
                self._notes.append(event.text)
                self._draw()
                return
            case Opened() | Ended():
                self._stand(event)
            case EpochReport():
                self._validation = f", validation {event.validation.mean(event.validation.main):.4g}"
            case StepReport() if self._kind == "run":
                self._done, self._of = float(event.step), float(event.steps)
                self._text = (
                    f"step {event.step:,} of {event.steps:,}, loss {event.train.mean('loss'):.4f}{self._validation}"
                )
            case _ if self._kind == "explore":
                self._explored(event)
            case _:  # a time to draw what came too fast before
                pass
        if time.monotonic() - self._shown >= EVERY:
            self._draw()

    def _explored(self, event: object) -> None:
        from sweeper.questions.run.explorer import Answered, Asked

        if isinstance(event, Answered):
            self._notes.append(f"{event.answer.name}: {event.answer.sentences[0]}")
        if isinstance(event, Asked):
            job = event.jobs[event.place]
            self._of, self._done = float(job.forecast.trials), 0.0
            place = f"question {event.place + 1} of {len(event.jobs)}, " if len(event.jobs) > 1 else ""
            self._text = f"{place}{job.prepared.question.name}"

    def _stand(self, event: Opened | Ended) -> None:
        counts = event.counts
        self._done = float(counts.finished + counts.pruned)
        if self._kind == "explore":
            name = self._text.partition(":")[0]
            self._text = f"{name}: {self._done:.0f} of {self._of:.0f} trials"
            return
        self._of = float(counts.requested)
        kinds = [f"{n} {kind}" for kind, n in (("pruned", counts.pruned), ("failed", counts.failed)) if n]
        parts = [f"{self._done:.0f} of {counts.requested} trials", *kinds, *_leader(event.best)]
        self._text = ", ".join(parts)

    def _draw(self) -> None:
        self._shown = time.monotonic()
        if self._handle is not None:
            self._handle.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": "\n".join([*self._notes, self._text]).strip()}

    def _html(self) -> str:
        lines = [f"<div>{escape(note)}</div>" for note in self._notes]
        if self._text:
            value = f' value="{min(self._done, self._of):g}" max="{self._of:g}"' if self._of else ""
            lines.append(f"<div><progress{value}></progress> {escape(self._text)}</div>")
        return "".join(lines)


def _leader(best: Trial | None) -> Sequence[str]:
    return [f"best so far on validation {best.score:.4f} (#{best.number})"] if best and best.score is not None else []
