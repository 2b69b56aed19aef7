"""A study that was begun when its data were sealed by an earlier rule goes on by that rule."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.config.planning import plan_space
from sweeper.errors import InputError
from sweeper.jobs.shared.bound_search import bound_plan
from sweeper.jobs.shared.search import Search, make_plan
from sweeper.questions.ask.question import load
from sweeper.questions.run.explorer import jobs
from sweeper.study.opening import open_study
from sweeper.study.plan import Plan, Point
from sweeper.study.session import read_data


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200), "y": np.arange(200) % 2})
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("study", ["", "mine"])
def test_a_study_of_the_first_rule_goes_on_and_another_begins_anew(table, tmp_path, study):
    runs, search = tmp_path / "runs", Search(trials=3, study=study)
    typed = ["dataset=csv", f"dataset.path={table}", "dataset.target=y", "batch_size=20", "learning_rate=0.1,0.2"]
    space = plan_space(typed)
    digest = hashlib.sha256(table.read_bytes() + b"\0y").hexdigest()
    assert bound_plan(search, space, runs)[0].data["seal"] == "by content"

    begun, _ = make_plan(search, space, read_data(space.first(), digest), runs)
    open_study(begun, runs).close()
    plan, _ = bound_plan(search, space, runs)
    assert (plan.study, plan.data["digest"], plan.data["seal"]) == (begun.study, digest, "by digest")
    assert plan.data["sizes"]["test"] == 40

    other, _ = bound_plan(Search(trials=3, study=study and "other", seed=1), space, runs)
    assert other.data["seal"] == "by content"


@pytest.mark.parametrize("study", ["", "mine"])
@pytest.mark.parametrize("former", ["latest", "asha"])
def test_a_study_keeps_the_pruner_that_was_usual_when_it_was_begun(table, tmp_path, study, former):
    runs, search = tmp_path / "runs", Search(trials=3, study=study)
    space = plan_space(["dataset=csv", f"dataset.path={table}", "dataset.target=y", "learning_rate=0.1,0.2"])
    assert bound_plan(search, space, runs)[0].pruner == "ahead"
    data = read_data(space.first())
    begun, _ = make_plan(replace(search, pruner=former), space, data, runs)
    open_study(begun, runs).close()
    plan, _ = bound_plan(search, space, runs)
    assert (plan.study, plan.pruner) == (begun.study, former)
    open_study(plan, runs).close()
    assert bound_plan(replace(search, pruner="median"), space, runs)[0].pruner == "median"
    assert bound_plan(Search(trials=3, study=study and "other", seed=1), space, runs)[0].pruner == "ahead"


def test_a_question_asked_again_goes_on_by_the_rule_of_its_study(table, tmp_path):
    typed = ["dataset=csv", f"dataset.path={table}", "dataset.target=y", "batch_size=20"]
    (now,) = jobs([load("activation")], typed, runs=tmp_path)
    assert now.data.facts["seal"] == "by content"

    (digest,) = now.data.earlier
    study = now.prepared.study(digest)
    point = Point({}, (), now.prepared.conditions[0].config)
    then = read_data(point.config, digest).facts
    open_study(Plan(study, 1, then, points=[point]), tmp_path).close()
    (again,) = jobs([load("activation")], typed, runs=tmp_path)
    assert (again.study, again.data.facts["digest"], again.data.facts["seal"]) == (study, digest, "by digest")


def test_a_study_is_bound_to_the_rows_that_are_sealed_too(table, tmp_path):
    runs, search = tmp_path / "runs", Search(trials=3, study="mine")
    space = plan_space(["dataset=csv", f"dataset.path={table}", "dataset.target=y", "learning_rate=0.1,0.2"])
    begun, _ = bound_plan(search, space, runs)
    open_study(begun, runs).close()
    frame = pd.read_csv(table)
    frame.assign(empty="").to_csv(table, index=False)
    plan, _ = bound_plan(search, space, runs)
    assert plan.data["digest"] == begun.data["digest"]  # which does not cover what is left out
    with pytest.raises(InputError, match=r"other rows of the table are sealed than when the study 'mine' was begun"):
        open_study(plan, runs)
    frame.to_csv(table, index=False)
    open_study(bound_plan(search, space, runs)[0], runs).close()


def test_a_study_of_before_is_not_held_to_rows_that_it_has_not_written_down(table, tmp_path):
    search = Search(trials=3, study="mine")
    space = plan_space(["dataset=csv", f"dataset.path={table}", "dataset.target=y", "learning_rate=0.1,0.2"])
    plan, _ = bound_plan(search, space, tmp_path)
    data = {key: value for key, value in plan.data.items() if key != "sealed"}
    open_study(replace(plan, data=data), tmp_path).close()
    open_study(plan, tmp_path).close()


@pytest.fixture
def brought(table, tmp_path):
    """A table with a test file of its own, and an archive with a test part: what names them, and what writes them."""
    random = np.random.default_rng(1)
    test, archive = tmp_path / "test.csv", tmp_path / "set.npz"

    def write(seed):
        rows = np.random.default_rng(seed).normal(size=(20, 2))
        pd.DataFrame({"a": rows[:, 0], "b": rows[:, 1], "y": np.arange(20) % 2}).to_csv(test, index=False)
        np.savez(archive, x_train=features, y_train=labels, x_test=rows, y_test=np.arange(20) % 2)

    features, labels = random.normal(size=(100, 2)), np.arange(100) % 2
    of_table = ["dataset=csv", f"dataset.path={table}", "dataset.target=y", f"dataset.test_path={test}"]
    return {"csv": of_table, "npz": ["dataset=npz", f"dataset.path={archive}"]}, write


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_a_study_is_bound_to_the_test_part_that_its_data_bring(brought, tmp_path, kind):
    typed, write = brought
    runs, search = tmp_path / "runs", Search(trials=3, study="mine")
    write(1)
    space = plan_space([*typed[kind], "learning_rate=0.1,0.2"])
    begun, _ = bound_plan(search, space, runs)
    open_study(begun, runs).close()
    write(2)
    plan, _ = bound_plan(search, space, runs)
    assert plan.data["digest"] == begun.data["digest"]  # of the training rows alone
    with pytest.raises(InputError, match="the test part is another than when the study 'mine' was begun"):
        open_study(plan, runs)
    write(1)
    open_study(bound_plan(search, space, runs)[0], runs).close()


def test_a_test_file_in_another_order_is_the_same(brought):
    typed, write = brought
    write(1)
    config = plan_space([*typed["csv"], "learning_rate=0.1,0.2"]).first()
    before = read_data(config).facts["sealed"]
    path = config.dataset.test_path
    pd.read_csv(path).sample(frac=1, random_state=0).to_csv(path, index=False)
    assert read_data(config).facts["sealed"] == before
    pd.read_csv(path).assign(y=1).to_csv(path, index=False)
    assert read_data(config).facts["sealed"] != before, "their labels are part of what they are"


def test_a_search_does_not_begin_warm_from_one_that_had_seen_what_is_sealed_now(table, tmp_path):
    runs, search = tmp_path / "runs", Search(trials=3, study="mine")
    space = plan_space(["dataset=csv", f"dataset.path={table}", "dataset.target=y", "learning_rate=0.1,0.2"])
    open_study(bound_plan(search, space, runs)[0], runs).close()
    pd.read_csv(table).assign(empty="").to_csv(table, index=False)
    with pytest.raises(InputError, match=r"other rows of the table are sealed than when the study 'mine' was begun"):
        bound_plan(Search(trials=3, study="other", warm_start="mine", sampler="tpe"), space, runs)
