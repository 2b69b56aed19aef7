"""Whether anything is left to run of a plan, read from its study without a driver."""

from __future__ import annotations

from pathlib import Path

from sweeper.study.converters import quiet_optuna
from sweeper.study.plan import Plan
from sweeper.study.search.source import Source
from sweeper.study.slots import Slots
from sweeper.study.storage.connect import exists, find, reading


def is_complete(plan: Plan, runs: Path) -> bool:
    """Whether the study of a plan has as many trials as are asked for. Nothing is written.

    Raises:
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna():
        if not exists(runs, plan.study, plan.storage):
            return False
        with reading(runs, plan.study, plan.storage) as backend:
            trials = backend.get_all_trials(find(backend, plan.study), deepcopy=False)
    slots = Slots()
    slots.update(trials)
    return slots.filled(slots.wanted(plan.trials, Source(plan).limit))
