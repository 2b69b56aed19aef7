import json
from dataclasses import replace
from functools import partial

import pytest
import targets
from helpers import SPACE, carry_out, plan

from sweeper.config.history import SCHEMA
from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.study.converters import from_text, to_record, to_text
from sweeper.study.plan import Point
from sweeper.study.study_record import list_studies, load_study, load_trials, reconcile, rows
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, Failure, Scores, Trial, TrialResult


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


def test_every_trial_has_its_configuration_and_its_history(tmp_path):
    carry_out(plan(3), tmp_path, targets.trivial)
    for trial in load_study(tmp_path, "s").trials:
        config = Config.from_dict(trial.config)
        assert config == SPACE.config(trial.values)
        assert [report.step for report in trial.history] == [1, 2, 3, 4, 5]
        assert trial.history[-1].validation.mean("accuracy") == pytest.approx(trial.score)


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


def test_a_trial_survives_every_kind_of_end():
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
    told = replace(told, config=config.to_dict(), schema=SCHEMA)
    again = from_text(3, to_text(replace(told, history=tuple(history))))
    assert replace(again, history=()) == told
    assert Config.from_dict(again.config) == config
    assert repr(again.history) == repr(tuple(history))
    bare = Trial(4, "failed", None, {}, (), None, 1.0, 2.0, Failure("poison", "ended its worker"))
    again = from_text(4, to_text(bare))
    assert again == bare
    assert to_record(again, "s").result.failure == bare.failure


def test_a_trial_of_an_older_study_is_read():
    """Workers once called a pruned trial stopped, and configurations had no schema."""
    kept = json.loads(to_text(Trial(3, "pruned", 0.5, {}, (), TrialResult("s/3", "pruned", 4), 1.0, 2.0)))
    kept["result"]["status"] = "stopped"
    del kept["schema"]
    again = from_text(3, json.dumps(kept))
    assert (again.state, again.result.status, again.schema) == ("pruned", "pruned", 0)
