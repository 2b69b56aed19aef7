"""What a command works with, in one piece: where things are kept, who trains, where it is recorded, who observes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sweeper.study.events import Note, Observer, ignore
from sweeper.tracking.base import Tracker
from sweeper.workers.base import Pool
from sweeper.workers.files import Files


@dataclass(frozen=True, slots=True)
class Session:
    """The surroundings of one command; whoever opened the pool and the tracker closes them.

    Attributes:
        runs: the folder with studies, checkpoints and models.
        pool: the workers.
        tracker: where each trial is recorded.
        observe: is given everything that happens.
    """

    runs: Path
    pool: Pool
    tracker: Tracker
    observe: Observer = ignore

    @property
    def files(self) -> Files:
        """How files are exchanged with the workers."""
        return self.pool.files(self.runs)

    def note(self, text: str, *, loud: bool = True) -> None:
        """Tell the observer a line that a person should see."""
        self.observe(Note(text, loud))
