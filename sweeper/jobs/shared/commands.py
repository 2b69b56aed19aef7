"""What can be done with a study, as commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sweeper.study.study_record import StudyRecord

if TYPE_CHECKING:
    from sweeper.jobs.confirm.confirmation import Confirmation


def commands(record: StudyRecord, confirmed: Confirmation | None, flags: Sequence[str]) -> dict[str, str]:
    """What each does, and the command, for the trial that is named the best; none where no trial finished."""
    leaders = record.leaders()
    if not leaders:
        return {}
    number = confirmed.winner if confirmed else leaders[0].number
    winner = next(trial for trial in leaders if trial.number == number)
    return {
        "Run it again": shlex.join(["sweeper", "run", *winner.overrides, *flags]),
        "Open the test split for it, once, when nothing is left to choose": shlex.join(
            ["sweeper", "test", record.study, *flags]
        ),
        "Train it again and compare to the last bit": shlex.join(
            ["sweeper", "reproduce", "--from-trial", f"{record.study}:{number}", *flags]
        ),
    }
