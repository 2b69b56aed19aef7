"""Where Optuna behaves in a way that would surprise a sweep: what the driver sets against it."""

from __future__ import annotations

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from sweeper.study.converters import SLOT, quiet_optuna
from sweeper.study.search.by_slot import SlotHyperband
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import locate
from tests.study import targets
from tests.study.helpers import carry_out, plan


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def brackets(slots, abandoned):
    """Of trials at these slots, in a study in which so many were abandoned before."""
    pruner = SlotHyperband(min_resource=1, max_resource=27, reduction_factor=3)
    study = optuna.create_study(study_name="s", pruner=pruner)
    for _ in range(abandoned):
        study.add_trial(create_trial(state=TrialState.FAIL))
    for slot in slots:
        study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={SLOT: slot}))
    pruner._try_initialization(study)
    if not pruner._pruners:
        pruner.prune(study, study.trials[-1])
        study.add_trial(create_trial(value=0.0, intermediate_values={27: 0.0}))
        pruner._try_initialization(study)
    return [pruner._get_bracket_id(study, trial) for trial in study.trials if SLOT in trial.user_attrs]


def test_a_bracket_is_that_of_the_slot_whatever_was_abandoned():
    assert brackets(range(30), 0) == brackets(range(30), 7)
    assert len(set(brackets(range(30), 0))) == 4


def test_no_trial_is_left_running_by_a_sweep(tmp_path):
    carry_out(plan(8, sampler="tpe"), tmp_path, targets.trivial)
    with reading(locate(tmp_path, "s")) as backend:
        assert {trial.state for trial in backend.get_all_trials(find(backend, "s"))} == {TrialState.COMPLETE}
