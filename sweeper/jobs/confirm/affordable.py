"""How much of a confirmation is worth its time: how many leaders, on how many fresh seeds."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.jobs.confirm.confirmation import Candidate
from sweeper.jobs.confirm.seeds import PLANNED
from sweeper.statistics.racing import FIRST_LOOK
from sweeper.study.study_record import StudyRecord
from sweeper.trial import Trial


def affordable(record: StudyRecord, found: Sequence[Candidate], share: float) -> tuple[int, int]:
    """How many of the leaders run again, and on how many seeds, so that it costs no more than a share of the search.

    First come leaders, on as many seeds as a race looks at first, then seeds: two leaders tell more than a fourth seed
    of one. The leader has its first seeds in any case, for with fewer its interval says nothing. It hangs on what the
    trials are recorded to have cost and on nothing else, so that the same again asks for the same.

    Args:
        record: the search.
        found: its leaders, best first.
        share: of the search's time; what has to be compiled is counted, as it was for the trials.
    """
    spent = share * sum(map(_seconds, record.trials))
    steps = [(leaders, FIRST_LOOK) for leaders in range(1, len(found) + 1)]
    steps += [(len(found), seeds) for seeds in range(FIRST_LOOK + 1, PLANNED + 1)]
    within = [step for step in steps if _cost(found, *step) <= spent]
    return within[-1] if within else steps[0]


def _cost(found: Sequence[Candidate], leaders: int, seeds: int) -> float:
    return seeds * sum(_seconds(one.trial) for one in found[:leaders])


def _seconds(trial: Trial) -> float:
    """A trial's own part of its group's time; one that took another's result cost nothing."""
    result = trial.result
    if result is None or trial.same_as is not None:
        return 0.0
    members = max(1, int(trial.config.get("repeats", 1)))
    return result.seconds.get("total", 0.0) * members / max(1, result.group)
