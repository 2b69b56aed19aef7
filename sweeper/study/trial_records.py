"""Read back what trials came to, from the study's storage."""

from __future__ import annotations

from collections.abc import Iterable

from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.plan import State, Trial
from sweeper.study.slots import is_past, is_void
from sweeper.study.storage.cached import RESULT
from sweeper.study.trial_record import TrialRecord, read_trial_record
from sweeper.trial import Failure

_STATES: dict[TrialState, State] = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


def told(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that have ended and count, whatever their end was."""
    return [trial for trial in trials if trial.state in _STATES and not (is_void(trial) or is_past(trial))]


def read_trial(backend: RDBStorage, trial: FrozenTrial) -> TrialRecord:
    """A trial's story, read afresh."""
    return record_of_trial(backend.get_trial(trial._trial_id))  # noqa: SLF001


def record_of_trial(trial: FrozenTrial) -> TrialRecord:
    """The story that a trial carries; of one that was told by another program, as much as can be said."""
    text = trial.user_attrs.get(RESULT)
    if text is not None:
        return read_trial_record(trial.number, text)
    state = _STATES[trial.state]
    failure = Failure("unknown", "told by another program") if state == "failed" else None
    score = trial.values[0] if trial.values else None
    began, ended = (moment.timestamp() if moment else 0.0 for moment in (trial.datetime_start, trial.datetime_complete))
    overrides = tuple(f"{key}={value}" for key, value in trial.params.items())
    return TrialRecord(Trial(trial.number, state, score, trial.params, overrides, None, began, ended, failure), {}, ())
