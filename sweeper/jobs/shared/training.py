"""Train a group again, apart from any study: what reproducing a run and refitting it have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sweeper.errors import SweeperError
from sweeper.study.plan import Observer
from sweeper.trial import EpochReport, Remark, TrialResult, TrialSpec
from sweeper.workers.base import Pool, WorkerLost

PATIENCE = 0.25
"""Seconds that one poll waits."""


@dataclass
class TrainedTrial:
    """What became of one trial of the group: its validations, and its result."""

    result: TrialResult
    history: list[EpochReport] = field(default_factory=list)


def train(group: Sequence[TrialSpec], key: str, pool: Pool, observe: Observer) -> TrainedTrial:
    """Train a group; what became of the trial of that key.

    Args:
        group: trials of one structure.
        key: of the one that is asked for; only its reports are given on.
        pool: with a worker; the caller closes it.
        observe: is given its reports.

    Raises:
        SweeperError: the worker was lost.
    """
    history: list[EpochReport] = []
    pool.submit(group)
    while True:
        for event in pool.poll(PATIENCE):
            if isinstance(event, WorkerLost):
                raise SweeperError(f"the worker was lost: {event.reason}", hint="the same command begins again")
            if isinstance(event, Remark) or event.key != key:
                continue
            if isinstance(event, TrialResult):
                return TrainedTrial(event, history)
            if isinstance(event, EpochReport):
                history.append(event)
            observe(event)
