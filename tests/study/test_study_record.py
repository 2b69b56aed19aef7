from functools import partial

import pytest
import targets
from helpers import SPACE, carry_out, plan

from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.study.attempts import Attempt
from sweeper.study.plan import Point, Trial
from sweeper.study.search.source import Drawn
from sweeper.study.study_record import list_studies, load_study, load_trials, reconcile, rows
from sweeper.study.trial_record import read_trial_record, write_trial_record
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, Failure, Scores, TrialResult


def test_a_study_reads_back_as_it_was_told(tmp_path):
    outcome, ended = carry_out(plan(6, pruner="median"), tmp_path, partial(targets.diverging, above=0.4))
    record = load_study(tmp_path, "s")
    assert list(record.trials) == sorted(ended, key=lambda trial: trial.number)
    assert record.running == 0
    assert record.space == SPACE
    assert record.facts["data"]["digest"] == "d"
    assert record.facts["sampler"] == "random"
    assert load_trials(tmp_path, "s") == record.trials
    assert outcome.best in record.trials


def test_every_story_has_its_configuration_and_its_history(tmp_path):
    carry_out(plan(3), tmp_path, targets.trivial)
    for trial_record in load_study(tmp_path, "s").trial_records:
        config = Config.from_dict(trial_record.config)
        assert config == SPACE.config(trial_record.trial.values)
        assert [report.step for report in trial_record.history] == [1, 2, 3, 4, 5]
        assert trial_record.history[-1].validation.mean_accuracy == pytest.approx(trial_record.trial.score)


def test_rows_are_flat_and_complete(tmp_path):
    carry_out(plan(5), tmp_path, targets.diverging)
    table = rows(load_study(tmp_path, "s"))
    assert [row["number"] for row in table] == sorted(row["number"] for row in table)
    finished = next(row for row in table if row["state"] == "finished")
    assert finished["validation.accuracy"] == finished["score"]
    assert finished["values.learning_rate"] > 0
    assert finished["seconds"] >= 0
    failed = next(row for row in table if row["state"] == "failed")
    assert failed["failure"] == "diverged: the loss was nan at step 3"
    assert failed["score"] is None
    assert all(row.keys() == table[0].keys() for row in table)
    assert all(not isinstance(value, dict | list) for row in table for value in row.values())


def test_studies_are_listed_by_name(tmp_path):
    assert list_studies(tmp_path) == []
    carry_out(plan(1, study="b"), tmp_path, targets.trivial)
    carry_out(plan(1, study="a"), tmp_path, targets.trivial)
    assert list_studies(tmp_path) == ["a", "b"]


def test_no_such_study(tmp_path):
    with pytest.raises(InputError, match="there is no study 'nothing'"):
        load_study(tmp_path, "nothing")


def test_points_have_no_space(tmp_path):
    carry_out(plan(1, space=None, points=[Point({"a": 1}, ("a=1",), Config())]), tmp_path, targets.trivial)
    assert load_study(tmp_path, "s").space is None


def test_a_tracker_that_has_lost_something_is_made_whole(tmp_path):
    carry_out(plan(3), tmp_path, targets.trivial)
    tracker = MemoryTracker()
    assert reconcile(tmp_path, "s", tracker) == [0, 1, 2]
    assert sorted(tracker.recorded("s")) == [0, 1, 2]
    assert reconcile(tmp_path, "s", tracker) == []


def test_a_story_survives_every_kind_of_end():
    config = Config(learning_rate=0.25)
    scores = Scores((0.5, float("nan")), (0.75, 0.25))
    history = [
        EpochReport("s/3", 10, 0.5, scores, scores, 0.1, 1.5),
        EpochReport("s/3", 20, 1.0, scores, scores, 0.1, 3),
    ]
    result = TrialResult(
        "s/3", "failed", steps=20, seconds={"total": 1.0}, models=("a.keras",), failure=Failure("diverged", "nan", 20)
    )
    told = Trial(3, "failed", None, {"a": "[1,2]"}, ("a=[1,2]",), result, 1.0, 2.0, result.failure)
    attempt = Attempt(None, 3, "s/3", 1.0, drawn=Drawn(told.values, told.overrides, config), history=history)
    trial_record = read_trial_record(3, write_trial_record(told, attempt))
    assert trial_record.trial == told
    assert Config.from_dict(trial_record.config) == config
    assert repr(trial_record.history) == repr(tuple(history))
    bare = Trial(4, "failed", None, {}, (), None, 1.0, 2.0, Failure("poison", "ended its worker"))
    again = read_trial_record(4, write_trial_record(bare, Attempt(None, 4, "s/4", 1.0)))
    assert again.trial == bare
    assert again.record("s").result.failure == bare.failure
