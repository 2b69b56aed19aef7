import errno
import os
import sys
from dataclasses import replace
from types import ModuleType

import pytest
from helpers import spec

from sweeper.config.schema import Config, Dataset
from sweeper.errors import InputError
from sweeper.trial import NO_ROOM, OTHER_DATA, EpochReport, StepReport, TrialResult
from sweeper.workers import run_group as module
from sweeper.workers.run_group import run_group, train_group


def run(target, *specs):
    events = []
    run_group(specs, target, events.append, set)
    return events


def ended(*keys):
    return [TrialResult(key, "finished") for key in keys]


def test_results_that_are_reported_early_are_not_told_twice():
    def target(group, report, stopped):
        report(TrialResult("s/1", "pruned"))
        return ended("s/0", "s/1")

    events = run(target, spec(0), spec(1))
    assert [(event.key, event.status) for event in events] == [("s/1", "pruned"), ("s/0", "finished")]


def test_a_trial_that_was_forgotten_is_run_alone_and_then_failed():
    asked = []

    def target(group, report, stopped):
        asked.append([one.key for one in group])
        return ended("s/0")[: len(group) - 1]

    events = run(target, spec(0), spec(1))
    assert asked == [["s/0", "s/1"], ["s/1"]]
    assert [event.status for event in events] == ["finished", "failed"]
    assert events[1].failure.message == "the trainer gave no result"


@pytest.mark.parametrize("error", [InputError("no such file", hint="look"), ValueError("no such file\n  at line 3")])
def test_a_failure_is_one_line_of_the_right_kind(error):
    def target(group, report, stopped):
        raise error

    (event,) = run(target, spec(0))
    assert (event.failure.kind, event.failure.message) == (type(error).__name__, "no such file")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_nobodys_fault_and_nobody_is_run_again(number):
    asked = []

    def target(group, report, stopped):
        asked.append(len(group))
        raise OSError(number, os.strerror(number), "m.keras")

    events = run(target, spec(0), spec(1))
    assert asked == [2]
    assert {event.key for event in events} == {"s/0", "s/1"}
    assert {event.failure.kind for event in events} == {NO_ROOM}
    assert {event.failure.message for event in events} == {f"{os.strerror(number)}: m.keras"}


@pytest.mark.parametrize("key", ["dataset", "dataset.path", "dataset.test_path"])
def test_other_data_are_nobodys_fault_and_nobody_is_run_again(key):
    asked = []

    def target(group, report, stopped):
        asked.append(len(group))
        raise InputError("x.npy was changed while it was read", key=key)

    events = run(target, spec(0), spec(1))
    assert asked == [2]
    assert {event.key for event in events} == {"s/0", "s/1"}
    assert {(event.failure.kind, event.failure.message) for event in events} == {
        (OTHER_DATA, "x.npy was changed while it was read")
    }


def test_a_key_of_the_data_that_a_trial_chose_is_its_own_fault():
    def target(group, report, stopped):
        raise InputError("too few examples", key="dataset.train_size")

    (event,) = run(target, spec(0))
    assert event.failure.kind == "InputError"


@pytest.mark.parametrize(("fits", "groups"), [(3, [10, 5, 3, 2, 5, 3, 2]), (5, [10, 5, 5]), (0, None)])
def test_a_group_that_needs_too_much_memory_is_cut_until_it_fits(fits, groups):
    asked = []

    def target(group, report, stopped):
        asked.append(len(group))
        if len(group) > fits:
            raise MemoryError("no room")
        return ended(*(one.key for one in group))

    events = run(target, *(spec(number) for number in range(10)))
    assert [event.key for event in events] == [f"s/{number}" for number in range(10)]
    assert {event.status for event in events} == {"finished" if fits else "failed"}
    assert groups is None or asked == groups


def test_an_error_without_a_text_has_its_name():
    def target(group, report, stopped):
        raise KeyError

    (event,) = run(target, spec(0))
    assert event.failure.message == "KeyError"


def test_what_is_no_error_passes_through():
    def target(group, report, stopped):
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        run(target, spec(0))


@pytest.fixture
def trainer(monkeypatch):
    """A trainer without TensorFlow; what it was given."""
    given = []
    loop = ModuleType("sweeper.train.loop")
    loop.train = lambda group, split, report, stopped: given.append(split) or ended(*(one.key for one in group))
    monkeypatch.setitem(sys.modules, "sweeper.train", ModuleType("sweeper.train"))
    monkeypatch.setitem(sys.modules, "sweeper.train.loop", loop)
    folds = ModuleType("sweeper.train.folds")
    folds.train_folds = loop.train
    monkeypatch.setitem(sys.modules, "sweeper.train.folds", folds)
    tensors = ModuleType("sweeper.train.resident")
    tensors.kept = []
    tensors.resident = tensors.kept.append
    tensors.is_resident = lambda split: any(kept is split for kept in tensors.kept)
    monkeypatch.setitem(sys.modules, "sweeper.train.resident", tensors)
    monkeypatch.setattr(module, "_kept", {})
    return given


DIGITS = Config(dataset=Dataset("digits")).to_dict() | {"validation": {"size": 0.2, "seed": 0}}


def test_features_that_are_tensors_are_not_held_twice_and_are_read_again_when_those_are_gone(trainer):
    train_group([spec(0, **DIGITS)], print, set)
    assert trainer[0].released
    with pytest.raises(TypeError, match="released"):
        trainer[0].train  # noqa: B018
    sys.modules["sweeper.train.resident"].kept.clear()
    train_group([spec(1, **DIGITS)], print, set)
    assert trainer[1] is not trainer[0]
    assert trainer[1].features == trainer[0].features == 64


def test_data_that_were_loaded_ahead_serve_the_group_that_is_bound_to_them_and_no_other(trainer):
    config = Config.from_dict(DIGITS)
    module.load_ahead(config.dataset, config.validation)
    (ahead,) = module._kept.values()
    train_group([replace(spec(0, **DIGITS), data_digest=ahead.digest)], print, set)
    train_group([replace(spec(1, **DIGITS), data_digest=ahead.digest)], print, set)
    assert trainer[0] is trainer[1] is ahead
    with pytest.raises(InputError, match="changed"):
        train_group([replace(spec(2, **DIGITS), data_digest="0" * 64)], print, set)
    sys.modules["sweeper.train.resident"].kept.clear()
    train_group([replace(spec(3, **DIGITS), data_digest=ahead.digest)], print, set)
    assert trainer[2] is not ahead


def test_data_that_cannot_be_loaded_ahead_are_the_groups_affair(trainer):
    module.load_ahead(Dataset("csv", path="nowhere.csv", target="y"), Config.from_dict(DIGITS).validation)
    assert module._kept == {}


def test_a_worker_loads_its_data_once(trainer):
    for number in range(3):
        train_group([spec(number, **DIGITS)], print, set)
    assert len(trainer) == 3
    assert trainer[0] is trainer[1] is trainer[2]
    assert trainer[0].name == "digits"


def test_a_worker_keeps_the_last_two_data_sets(trainer):
    halves = [DIGITS | {"validation": {"size": 0.5, "seed": seed}} for seed in range(3)]
    for number, config in enumerate([*halves, halves[1], halves[0]]):
        train_group([spec(number, **config)], print, set)
    assert trainer[3] is trainer[1]
    assert trainer[4] is not trainer[0]


def test_other_data_than_the_study_has_are_refused(trainer):
    from dataclasses import replace

    with pytest.raises(InputError, match=r"the data of s/0 changed: digest \w{12}, not another") as told:
        train_group([replace(spec(0, **DIGITS), data_digest="another digest")], print, set)
    assert told.value.key == "dataset"
    train_group([spec(0, **DIGITS)], print, set)
    train_group([replace(spec(0, **DIGITS), data_digest=trainer[0].digest)], print, set)


@pytest.mark.tensorflow
def test_the_real_trainer_answers_for_a_group_in_a_worker():
    from helpers import drain, results

    from sweeper.workers.process_pool import ProcessPool

    short = DIGITS | {"steps": 40, "log_every": 20}
    with ProcessPool(1) as pool:
        pool.submit([spec(0, **short | {"learning_rate": 0.1}), spec(1, **short | {"learning_rate": 0.2})])
        events = drain(pool, 2, timeout=120.0)
    found = results(events)
    assert [found[key].status for key in ("s/0", "s/1")] == ["finished", "finished"]
    assert found["s/0"].group == 2
    assert found["s/0"].validation.loss != found["s/1"].validation.loss
    assert any(isinstance(event, EpochReport) for event in events)
    assert any(isinstance(event, StepReport) for event in events)


@pytest.mark.tensorflow
def test_rows_that_were_sealed_when_a_sweep_began_are_sealed_still(tmp_path, monkeypatch):
    """A column that nobody trains on comes while a sweep is running: a worker that reads the file says so."""
    import numpy as np
    import pandas as pd

    from sweeper.data import load

    path, random = tmp_path / "table.csv", np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200), "y": np.arange(200) % 2})
    frame.to_csv(path, index=False)
    dataset = Dataset(name="csv", path=str(path), target="y")
    config = Config(dataset=dataset, hidden=(), steps=2, batch_size=10)
    begun = load(dataset, config.validation).facts
    asked = replace(spec(0), config=config.to_dict(), data_digest=begun["digest"], sealed=begun["sealed"])
    monkeypatch.setattr(module, "_kept", {})
    assert train_group([asked], lambda _: None, set)[0].data["sealed"] == begun["sealed"]
    frame.assign(empty="").to_csv(path, index=False)
    assert train_group([asked], lambda _: None, set)[0].status == "finished", "it has the first rows in memory"
    now = load(dataset, config.validation).facts
    assert (now["digest"] == begun["digest"], now["sealed"] == begun["sealed"]) == (True, False)
    of_today = replace(asked, sealed=now["sealed"])
    assert train_group([of_today], lambda _: None, set)[0].data["sealed"] == now["sealed"], "not what is in memory"
    with pytest.raises(InputError, match="the data of s/0 changed: other rows are sealed than when it was asked for"):
        train_group([asked], lambda _: None, set)
    frame.to_csv(path, index=False)
    assert train_group([asked], lambda _: None, set)[0].data["sealed"] == begun["sealed"], "nothing wrong is kept"
