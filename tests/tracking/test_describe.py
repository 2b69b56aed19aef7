from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from sweeper.config.schema import Config
from sweeper.system.process import this_process
from sweeper.tracking import RunRecord
from sweeper.tracking.describe import clean, flatten, owner, params_of, points_of, ref_of, study_tags, tags_of, text
from sweeper.trial import EpochReport, Scores

Make = Callable[..., RunRecord]


def test_every_config_key_is_a_parameter(make: Make) -> None:
    found = params_of(make("a", config=Config().to_dict()))
    assert found["lr_decay.name"] == "none"
    assert set(found) == {key for key, _ in flatten(Config().to_dict())}


@given(st.text())
def test_clean_keys_are_ones_that_mlflow_takes(key: str) -> None:
    assert re.fullmatch(r"[\w\-. :/]*", clean(key))
    assert len(clean(key)) <= 250


def test_curves_come_from_the_history(make: Make) -> None:
    run = make("a")
    curve = [(point.step, point.value) for point in points_of(run) if point.key == "validation.loss"]
    assert curve == [(report.step, report.validation.mean("loss")) for report in run.history]


def test_points_are_the_same_each_time(make: Make) -> None:
    assert points_of(make("a")) == points_of(make("a"))


def test_members_that_pruning_dropped_do_not_shift_the_rest(make: Make) -> None:
    run = make("a", config={"seed": 3, "repeats": 2}, validation=Scores((0.1, 0.3), (0.9, 0.7)))
    found = {point.key: point.value for point in points_of(run)}
    assert found["final/seed_3/validation.loss"] == 0.1
    assert found["final/seed_4/validation.loss"] == 0.3
    assert found["final/validation.loss"] == 0.2


def test_tags_say_what_is_known_and_nothing_else(make: Make) -> None:
    tags = tags_of(make("a"), "run:1", {"host": "h"})
    assert tags["kind"] == "run"
    assert not {"study", "number", "failure.kind", "interrupted"} & set(tags)
    assert "" not in tags.values()
    trial = tags_of(make("a", study="s", number=0), "s:0", {})
    assert (trial["kind"], trial["number"], trial["pruned"]) == ("trial", "0", "false")


def test_refs_name_trials_for_good_and_runs_once(make: Make) -> None:
    assert ref_of(make("a", study="s", number=3)) == ref_of(make("b", study="s", number=3))
    assert ref_of(make("a")) != ref_of(make("a"))


def test_a_study_keeps_its_own_words_over_those_of_its_facts() -> None:
    tags = study_tags("s", {"kind": "mine", "space": {"lr": [1, 2]}}, {"pid": "1"})
    assert (tags["kind"], tags["study"], tags["space.lr"]) == ("study", "s", "[1, 2]")


def test_the_owner_is_in_the_tags() -> None:
    me = this_process()
    assert owner({"host": me.host, "pid": str(me.pid), "process_start": me.start}) == me
    assert owner({"host": "h"}) is None


def test_texts() -> None:
    assert [text(value) for value in ("a", 1, None, [1, "b"], True)] == ["a", "1", "null", '[1, "b"]', "true"]


def test_an_epoch_report_of_a_failed_member_is_kept(make: Make) -> None:
    run = make("a")
    nan = Scores((float("nan"),), (0.1,))
    broken = EpochReport("k", 150, 3.0, nan, nan, 0.1, 1.5)
    longer = RunRecord(run.name, run.config, [], [*run.history, broken], run.result, 1.0, 2.0)
    assert sum(point.step == 150 for point in points_of(longer)) == 6
