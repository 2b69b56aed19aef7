"""Trials that a dead driver left running in a study: found, and put back into the queue."""

from __future__ import annotations

from pathlib import Path

from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.quiet import quiet_optuna
from sweeper.study.slots import DRIVER
from sweeper.study.storage.connect import find, open_store, reading
from sweeper.study.storage.lease import Lease, Leases


def leftovers(runs: Path, study: str) -> list[int]:
    """The numbers of the trials that count as running although nobody runs them.

    Raises:
        InputError: there is no such study.
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna(), reading(runs, study) as backend:
        return [trial.number for trial in _abandoned(backend, study)]


def unknown(runs: Path, study: str) -> list[tuple[Lease, int]]:
    """The drivers of other machines that may run, each with the number of its trials under way; raises likewise."""
    with quiet_optuna(), reading(runs, study) as backend:
        study_id = find(backend, study)
        leases = Leases.read(backend.get_study_user_attrs(study_id)).unknown()
        running = backend.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
    owners = [trial.user_attrs.get(DRIVER) for trial in running]
    return [(lease, owners.count(lease.driver)) for lease in leases if lease.driver in owners]


def release(runs: Path, study: str) -> list[int]:
    """Put them back into the queue, with their values, for whoever goes on with the study; their numbers.

    Raises:
        InputError: the study cannot be written.
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna():
        store = open_store(runs, study)
        try:
            abandoned = _abandoned(store.backend, study)
            store.release([trial._trial_id for trial in abandoned])  # noqa: SLF001 - the storage names trials so
        finally:
            store.close()
    return [trial.number for trial in abandoned]


def _abandoned(backend: RDBStorage, study: str) -> list[FrozenTrial]:
    study_id = find(backend, study)
    leases = Leases.read(backend.get_study_user_attrs(study_id))
    running = backend.get_all_trials(study_id, deepcopy=False, states=(TrialState.RUNNING,))
    return [trial for trial in running if not leases.alive(trial.user_attrs.get(DRIVER, ""))]
