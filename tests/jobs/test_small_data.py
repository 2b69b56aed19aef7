"""A table with fewer training examples than the usual batch: the usual batch gives way, and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.config.compose import compose
from sweeper.config.grammar import untyped
from sweeper.config.planning import plan_space
from sweeper.config.with_data import APART, FLOOR, GIVE_WAY, PATIENCE, STOP, as_before
from sweeper.data.sealed._table import source
from sweeper.errors import InputError
from sweeper.jobs.shared import bound_search
from sweeper.jobs.shared.bound_search import bound_plan
from sweeper.jobs.shared.contenders import contenders
from sweeper.jobs.shared.search import Search, make_plan
from sweeper.jobs.tune import tune
from sweeper.questions.ask.data import Ground
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import load
from sweeper.questions.run.explorer import jobs
from sweeper.study.opening import PreparedStudy, open_study
from sweeper.study.plan import Plan
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


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("batch_size=20,2000", "batch_size: 2000 is more than the"),
        ("batch_size=int(interval(8,512))", "batch_size: 512 is more than the"),
        ("loss=cross_entropy,mae", "loss: mae is of numbers"),
    ],
)
def test_an_option_or_end_of_a_new_search_that_the_data_cannot_take_is_refused(
    iris, tmp_path, monkeypatch, typed, message
):
    search, space = Search(trials=2), plan_space([*iris, typed])
    with pytest.raises(InputError, match=message):
        bound_plan(search, space, tmp_path)
    with monkeypatch.context() as patch:  # as it was when such trials failed one by one
        patch.setattr(bound_search, "_check_ends", lambda *_: None)
        begun, _ = bound_plan(search, space, tmp_path)
    open_study(begun, tmp_path).close()
    assert bound_plan(search, space, tmp_path)[0].study == begun.study


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


def test_a_new_question_that_draws_what_the_data_cannot_take_is_refused(iris, tmp_path, monkeypatch):
    question = from_flags(["activation=relu,tanh"], ["batch_size=range(20,200,10)"], 60)
    with pytest.raises(InputError, match=r"batch_size: \d+ is more than the"):
        jobs([question], iris, runs=tmp_path)
    with monkeypatch.context() as patch:  # as it was when such trials failed one by one
        patch.setattr(Ground, "check_draws", lambda *_: None)
        (job,) = jobs([question], iris, runs=tmp_path)
    points = job.prepared.search()
    open_study(Plan(job.study, len(points), job.data.facts, points=points), tmp_path).close()
    assert jobs([question], iris, runs=tmp_path)[0].study == job.study


def test_a_comparison_of_configurations_does_too(iris, tmp_path):
    told = " ".join(iris)
    found = contenders([f"{told} activation=tanh", f"{told} activation=relu"], tmp_path)
    assert len({one.config.batch_size for one in found} - {100}) == 1


def test_epochs_of_a_few_steps_are_not_validated_each(iris):
    def given(*typed):
        return read_data(compose([*iris, *typed]), free=untyped([*iris, *typed], GIVE_WAY)).settled.get(FLOOR)

    assert given() == APART
    assert given("batch_size=20") == APART
    assert given("batch_size=1") is None  # 76 steps each
    assert given("epochs=30") is None  # 30 validations are few enough
    assert given("validate_every=0") is None  # it was asked for
    assert given("validate_every=7") is None
    assert given(f"{FLOOR}=0") is None


def test_large_sets_of_the_catalog_validate_every_epoch():
    assert read_data(compose(["dataset=mnist_5k", "validation=0.2"]), free=GIVE_WAY).settled == {}
    assert read_data(compose(["dataset=digits", "validation=0.2"]), free=GIVE_WAY).settled == {FLOOR: APART}


def test_one_rule_holds_for_all_trials_of_a_search(iris, tmp_path):
    plan, _ = bound_plan(Search(), plan_space([*iris, "batch_size=1,20"], space="none"), tmp_path)
    assert {config.validate_min_steps for config in plan.space.examples()} == {APART}
    assert f"{FLOOR}={APART}" in plan.space.fixed


def test_trials_of_a_search_stop_early_where_epochs_are_a_few_steps(iris, tmp_path):
    plan, notes = bound_plan(Search(), plan_space(iris), tmp_path)
    assert {config.stop_after for config in plan.space.examples()} == {PATIENCE}
    assert f"{STOP}={PATIENCE}" in plan.space.fixed
    assert any("stop_after=0" in note for note in notes)


@pytest.mark.parametrize(
    ("typed", "asked", "waits"),
    [
        (["stop_after=0"], {}, {0}),
        (["stop_after=7"], {}, {7}),
        (["stop_after=0,7"], {}, {0, 7}),
        (["epochs=30"], {}, {0}),
        ([], {"more": ("parameters",)}, {0}),
    ],
)
def test_they_do_not_where_something_else_was_asked_for_or_trainings_are_short(iris, tmp_path, typed, asked, waits):
    plan, notes = bound_plan(Search(**asked), plan_space([*iris, *typed]), tmp_path)
    assert {config.stop_after for config in plan.space.examples()} == waits
    assert not any("stop_after=0" in note for note in notes)


def test_a_search_of_a_large_set_goes_to_its_end(tmp_path):
    plan, _ = bound_plan(Search(), plan_space(["dataset=mnist_5k"]), tmp_path)
    assert {config.stop_after for config in plan.space.examples()} == {0}


@pytest.mark.parametrize("name", ["", "mine"])
@pytest.mark.parametrize("rule", [dict, as_before])
def test_a_search_begun_by_an_earlier_rule_of_validations_goes_on_so(iris, tmp_path, name, rule):
    search, space = Search(study=name), plan_space(iris)
    new, _ = bound_plan(search, space, tmp_path)
    data = read_data(space.first(), free=GIVE_WAY)
    data = replace(data, settled=rule(data.settled))
    old = replace(space, base={**space.base, **data.settled}, fixed=(*space.fixed, *data.overrides))
    before, _ = make_plan(replace(search, pruner=new.pruner), old, data, tmp_path)
    open_study(before, tmp_path).close()
    plan, _ = bound_plan(search, space, tmp_path)
    assert plan.study == before.study
    assert plan.space.digest == before.space.digest
    assert (plan.study == new.study) == bool(name)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("stops", [False, True])
def test_a_search_stops_trials_early_as_the_one_that_it_begins_from(iris, tmp_path, stops):
    first = Search(study="first", trials=1, confirm=0, workers=1, threads=1, keep_models=False)
    tune([*iris, "steps=1000", *([] if stops else ["stop_after=0"])], first, runs=tmp_path)
    second = Search(study="second", warm_start="first")
    plan, _ = bound_plan(second, plan_space([*iris, "steps=1000"]), tmp_path)
    assert len(plan.past) == 1
    assert plan.space.example().stop_after == (PATIENCE if stops else 0)


def test_a_trial_of_another_patience_is_refused_in_one_line(iris):
    space = plan_space([*iris, "stop_after=20"])
    with pytest.raises(InputError, match="stop_after: 0 is not in the space, where it is 20"):
        space.values(replace(space.example(), stop_after=0))


def test_its_trials_are_known_to_a_search_that_begins_warm(iris):
    data = read_data(plan_space(iris).first(), free=GIVE_WAY)
    space = replace(plan_space(iris), base={**plan_space(iris).base, **data.settled})
    trial = replace(space.example(), validate_min_steps=0)
    assert space.config(space.values(trial)) == space.example()


def test_a_question_begun_when_every_epoch_was_validated_goes_on_so(iris, tmp_path):
    (new,) = jobs([load("activation")], iris, runs=tmp_path)
    assert {condition.config.validate_min_steps for condition in new.prepared.conditions} == {APART}
    size = new.data.facts["sizes"]["train"]
    before = replace(new, prepared=prepare(load("activation"), (*iris, f"batch_size={size}")))
    points = before.prepared.search()
    open_study(Plan(before.study, len(points), before.data.facts, points=points), tmp_path).close()
    (again,) = jobs([load("activation")], iris, runs=tmp_path)
    assert (again.study, again.prepared.search()) == (before.study, points)
    assert again.study != new.study


@pytest.mark.usefixtures("warm")
def test_a_search_over_metrics_that_was_begun_once_goes_on_and_none_is_begun(iris, tmp_path):
    asked = [*iris, "metrics=[auc],[f1_macro]", "activation=relu,tanh", "steps=9"]
    search = Search(trials=2, confirm=0, workers=1, threads=1, keep_models=False)
    with pytest.raises(InputError, match="metrics cannot be searched"):
        tune(asked, search, space="none", runs=tmp_path)
    before, _ = bound_plan(search, plan_space(asked, space="none", earlier=True), tmp_path)
    open_study(before, tmp_path).close()
    assert before.space.example().metrics == ("auc",)
    again, _ = bound_plan(search, plan_space(asked, space="none", earlier=True), tmp_path)
    PreparedStudy(again, tmp_path).check()
    with pytest.raises(InputError, match="metrics cannot be searched"):
        tune([*asked, "l2=0.1"], search, space="none", runs=tmp_path)
    document = tune(asked, search, space="none", runs=tmp_path)
    assert (document["study"], document["trials"]["requested"]) == (before.study, 2)
    assert document["trials"]["failed"] == 0


@pytest.mark.parametrize("name", ["", "mine"])
def test_a_search_ordered_by_texts_that_was_begun_once_goes_on_and_none_is_begun(tmp_path, name):
    random = np.random.default_rng(0)
    phases = np.repeat(["early", "late", "middle"], 40)
    frame = pd.DataFrame({"x": random.normal(size=120), "phase": phases, "y": random.choice(["a", "b"], 120)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    typed = ["dataset=csv", f"dataset.path={tmp_path}/t.csv", "dataset.target=y", "validation.time=phase"]
    search, space = Search(study=name), plan_space(typed)
    with pytest.raises(InputError, match="has no order in time"):
        bound_plan(search, space, tmp_path)
    config = space.first()
    digest = source(config.dataset, "that of a study", config.validation).training.digest
    data = read_data(config, digest, free=GIVE_WAY)
    data = replace(data, settled=as_before(data.settled))
    old = replace(space, base={**space.base, **data.settled}, fixed=(*space.fixed, *data.overrides))
    before, _ = make_plan(search, old, data, tmp_path)
    open_study(before, tmp_path).close()
    plan, _ = bound_plan(search, space, tmp_path)
    assert (plan.study, plan.data["digest"], plan.space.digest) == (before.study, digest, old.digest)
    with pytest.raises(InputError, match="has no order in time"):
        bound_plan(replace(search, study="another"), space, tmp_path)
