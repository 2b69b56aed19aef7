"""A table with fewer training examples than the usual batch: the usual batch gives way, and says so."""

from __future__ import annotations

import pytest

from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.errors import InputError
from sweeper.jobs.shared.contenders import contenders
from sweeper.jobs.shared.search import Search, bound_plan
from sweeper.questions.ask.question import load
from sweeper.questions.run.explorer import jobs
from sweeper.study.session import read_data


@pytest.fixture
def iris(tmp_path):
    from sklearn.datasets import load_iris

    path = tmp_path / "iris.csv"
    load_iris(as_frame=True).frame.to_csv(path, index=False)
    return ["dataset=csv", f"dataset.path={path}", "dataset.target=target"]


def test_the_usual_batch_gives_way_and_says_so(iris):
    data = read_data(compose(iris), free=["batch_size"])
    size = data.facts["sizes"]["train"]
    assert size < 100
    assert data.settled == {"batch_size": size}
    assert f"a batch holds all {size} training examples, not the usual 100" in data.notes


@pytest.mark.parametrize("typed", [["batch_size=100"], ["batch_size=120"]])
def test_what_was_typed_is_refused(iris, typed):
    with pytest.raises(InputError, match="is more than the"):
        read_data(compose([*iris, *typed]))


def test_one_that_a_preset_set_is_refused(iris):
    with pytest.raises(InputError, match="batch_size: 120 is more than"):
        read_data(compose([*iris, "batch_size=120"]), free=["batch_size"])


def test_a_search_fixes_the_batch(iris, tmp_path):
    plan, notes = bound_plan(Search(trials=2), plan_space(iris), tmp_path)
    size = plan.data["sizes"]["train"]
    assert plan.space.example().batch_size == size
    assert f"batch_size={size}" in plan.space.fixed
    assert any("a batch holds all" in note for note in notes)
    with pytest.raises(InputError, match="batch_size: 100 is more"):
        bound_plan(Search(trials=2), plan_space([*iris, "batch_size=100"]), tmp_path)


def test_a_question_fixes_it_for_all_its_conditions(iris):
    (job,) = jobs([load("activation")], iris)
    size = job.data.facts["sizes"]["train"]
    assert {condition.config.batch_size for condition in job.prepared.conditions} == {size}
    assert any("a batch holds all" in note for note in job.data.notes)
    with pytest.raises(InputError, match="batch_size"):
        jobs([load("batch-size")], iris)


def test_a_comparison_of_configurations_does_too(iris, tmp_path):
    told = " ".join(iris)
    found = contenders([f"{told} activation=tanh", f"{told} activation=relu"], tmp_path)
    assert len({one.config.batch_size for one in found} - {100}) == 1
