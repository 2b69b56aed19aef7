"""The tracker of a command, which says at the end what MLflow has not got yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.jobs.shared.findings import count
from sweeper.study.events import Note, Observer
from sweeper.tracking import Tracker, open_tracker


@contextmanager
def recording(runs: Path, observe: Observer) -> Iterator[Tracker]:
    """A tracker over a runs folder for as long as the block lasts; what waits at its end is told as a note.

    Args:
        runs: where everything is recorded.
        observe: told of what waits, and why.

    Raises:
        InputError: the folder cannot be written, or its record was deleted.
        SweeperError: something can be written neither to MLflow nor to the spool.
    """
    with open_tracker(runs) as tracker:
        tracker.check()
        try:
            yield tracker
        except BaseException:
            with suppress(SweeperError):  # what went wrong first is what has to be said
                _say_what_waits(tracker, runs, observe)
            raise
        _say_what_waits(tracker, runs, observe)


def _say_what_waits(tracker: Tracker, runs: Path, observe: Observer) -> None:
    left = tracker.flush()
    if left:
        why = f" ({tracker.trouble})" if tracker.trouble else ""
        what = count(left, "entry waits", "entries wait")
        observe(
            Note(
                f"MLflow takes nothing now{why}: {what} in {runs / 'spool'}, to be written by the next command "
                "once it does, or by sweeper doctor --fix"
            )
        )
