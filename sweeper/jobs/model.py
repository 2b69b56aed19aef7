"""The trained model of a recorded run, for a program of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sweeper.errors import InputError
from sweeper.jobs.shared.subjects import subject
from sweeper.tracking import open_reader
from sweeper.tracking.models import model_files


def load_model(called: str, *, repeat: int = 0, runs: Path = Path("runs")) -> Any:
    """The Keras model of a run, a trial or a study's winner.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY``, or ``STUDY:N``.
        repeat: which of its models, in the order of their seeds.
        runs: where it is recorded.

    Returns:
        keras.Model: not compiled.

    Raises:
        InputError: there is no such run, or it has no such model.
        SweeperError: its models are gone, or damaged.
    """
    found = subject(called, runs)
    files = model_files(open_reader(runs), found.run_id)
    if not 0 <= repeat < len(files):
        one = "one model" if len(files) == 1 else f"{len(files)} models"
        raise InputError(f"repeat={repeat}: {found.title} has {one}", hint="the first is 0", key="repeat")
    from sweeper.train.evaluate import saved_model

    return saved_model(files[repeat])
