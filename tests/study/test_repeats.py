"""A configuration that a study has tried, or is trying, is not trained again, and that is said."""

from __future__ import annotations

from collections import Counter

import pytest

from sweeper.config.space import Choice, Float, Space
from sweeper.jobs.shared.evidence import cautions
from sweeper.study.importance import RecordImportances
from sweeper.study.plan import Point
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import Failure, TrialResult
from tests.study import targets
from tests.study.helpers import SPACE, carry_out, plan, stop_after

FEW = Space({"learning_rate": Float(0.1, 0.9, step=0.4), "activation": Choice(("relu", "tanh"))}, base={"steps": 5})
"""Six points."""

trained = Counter()


def counting(group, report, stopped):
    trained.update((spec.config["learning_rate"], spec.config["activation"]) for spec in group)
    return targets.trivial(group, report, stopped)


@pytest.fixture(autouse=True)
def forget():
    trained.clear()


@pytest.mark.parametrize("more", [{"sampler": "random"}, {"sampler": "tpe"}, {"sampler": "random", "pruner": "median"}])
def test_each_configuration_is_trained_once_and_n_stays_n(tmp_path, more):
    outcome, _ = carry_out(plan(30, space=FEW, **more), tmp_path, counting)
    record = load_study(tmp_path, "s")
    assert max(trained.values()) == 1
    assert outcome.counts.finished + outcome.counts.pruned == len(record.trials) == 30
    repeats = [trial for trial in record.trials if trial.same_as is not None]
    assert outcome.counts.repeated == len(repeats) == 30 - len(trained)
    told = {trial.number: trial for trial in record.trials}
    for trial in repeats:
        first = told[trial.same_as]
        assert (trial.config, trial.score, trial.state) == (first.config, first.score, first.state)
        assert trial.result.validation == first.result.validation
        assert first.same_as is None


def test_no_leader_is_another_one_again(tmp_path):
    outcome, _ = carry_out(plan(30, space=FEW), tmp_path, counting)
    assert len(outcome.top) == len(trained)
    assert all(trial.same_as is None for trial in outcome.top)
    assert load_study(tmp_path, "s").leaders(10) == outcome.top


def test_a_repeat_says_nothing_new_of_what_matters(tmp_path):
    outcome, _ = carry_out(plan(30, space=FEW), tmp_path, counting)
    few = f"importances need 10 finished trials, and this study has {len(trained)}"
    assert (outcome.importance, outcome.no_importance) == ((), few)
    record = load_study(tmp_path, "s")
    assert RecordImportances(record).why_none == few
    [caution] = [each for each in cautions(record, None) if each.kind == "few-trials"]
    assert caution.facts["finished"] == len(trained)


def test_it_is_marked_in_the_record(tmp_path):
    with MemoryTracker() as tracker:
        carry_out(plan(12, space=FEW), tmp_path, counting, tracker=tracker)
        marked = {run.tags["number"]: run.tags["same_as"] for run in tracker.runs.values() if "same_as" in run.tags}
    repeats = {trial.number: trial.same_as for trial in load_study(tmp_path, "s").trials if trial.same_as is not None}
    assert marked == {str(number): str(first) for number, first in repeats.items()} != {}


def test_an_interrupted_sweep_trains_no_more(tmp_path):
    with pytest.raises(Exception, match="stopped with"):
        carry_out(plan(30, space=FEW, group_limit=1), tmp_path, counting, observe=stop_after(2))
    carry_out(plan(30, space=FEW), tmp_path, counting)
    assert max(trained.values()) == 1
    assert len(load_study(tmp_path, "s").trials) == 30


def test_the_equal_of_a_failed_trial_is_trained(tmp_path):
    def failing_once(group, report, stopped):
        first = not trained
        done = list(counting(group, report, stopped))
        key = group[0].key
        failure = Failure("diverged", "the loss was nan", 3)
        return [TrialResult(key, "failed", failure=failure), *done[1:]] if first else done

    carry_out(plan(20, space=FEW, group_limit=1), tmp_path, failing_once)
    failed = next(trial for trial in load_study(tmp_path, "s").trials if trial.state == "failed")
    assert trained[failed.config["learning_rate"], failed.config["activation"]] == 2


def test_points_of_a_list_are_run_as_often_as_they_are_in_it(tmp_path):
    config = SPACE.example()
    points = [Point({"n": n}, (), config) for n in range(3)]
    carry_out(plan(3, space=None, points=points), tmp_path, counting)
    assert sum(trained.values()) == 3
