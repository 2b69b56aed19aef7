"""One line, once for a user: that ``sweeper warm`` exists, after a run that mostly waited for its start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sweeper.cli.render import note
from sweeper.system.warm import place
from sweeper.system.warm.place import COMMANDS

WORTH = 3.0
"""Seconds of a start that are worth a word."""


def hint_at_warm(seconds: Mapping[str, float]) -> None:
    """Say it, if it would have helped, and was never said before.

    Args:
        seconds: of a run: ``total``, and ``train``, what of it was training.
    """
    total, trained = seconds.get("total", 0.0), seconds.get("train", 0.0)
    start = total - trained
    if start < WORTH or start < total / 2 or not place.supported() or place.inode(COMMANDS) or not _first_time():
        return
    note(f"Starting took {start:.0f} of {total:.0f} s: sweeper warm keeps that done for the next commands (said once)")


def _first_time() -> bool:
    """Leave a mark in the user's folder for states; whether it was not there, and could be made."""
    home = os.environ.get("XDG_STATE_HOME")
    with suppress(OSError, RuntimeError):
        mark = (Path(home) if home else Path("~/.local/state").expanduser()) / "sweeper" / "hint-warm"
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch(exist_ok=False)
        return True
    return False
