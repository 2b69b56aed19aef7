"""What a person means by a run, a study or a trial: one configuration with its record."""

from __future__ import annotations

import re
from pathlib import Path

from sweeper.errors import InputError
from sweeper.tracking import open_reader
from sweeper.tracking.recorded import Recorded, find_run, find_trial

_TRIAL = re.compile(r"(?P<study>[A-Za-z0-9][A-Za-z0-9._-]*):(?P<number>\d+)")


def subject(called: str, runs: Path) -> Recorded:
    """The run that is meant: by its id, the beginning of it, or its name; ``STUDY:N`` a trial; ``STUDY`` its winner.

    Raises:
        InputError: there is no such thing, or there are several.
        SweeperError: a record cannot be read.
    """
    reader = open_reader(runs)
    if trial := _TRIAL.fullmatch(called):
        return find_trial(reader, trial["study"], int(trial["number"]))
    if is_study(called, runs):
        return find_trial(reader, called, winner(called, runs))
    return find_run(reader, called)


def is_study(called: str, runs: Path) -> bool:
    """Whether there is a study of that name."""
    from sweeper.study.storage.location import NAME
    from sweeper.study.study_record import exists

    return bool(NAME.fullmatch(called)) and exists(runs, called)


def winner(study: str, runs: Path) -> int:
    """The number of a study's best trial: by what is known of it on fresh seeds, or else by its score.

    Raises:
        InputError: no trial has finished.
    """
    from sweeper.jobs.confirm.confirmation import confirmation
    from sweeper.study.study_record import load_study

    record = load_study(runs, study)
    confirmed = confirmation(runs, record)
    if confirmed is not None:
        return confirmed.winner
    best = next(iter(record.leaders(1)), None)
    if best is None:
        raise InputError(f"no trial of the study {study!r} has finished", hint="run more trials", key="study")
    return best.number
