"""Training that was broken off goes on from its checkpoint with the numbers that it would have had, to the last bit."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from sweeper import checkpoint
from sweeper.config.schema import OPTIMIZERS, Cosine, Exponential
from sweeper.trial import StepReport, TrialSpec
from tests.train.broken_off import curve, remarks, train

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("at_every_step")]


def numbers(results):
    """All of a result that must come again, place and weights included; times may not."""
    return [
        (r.key, r.status, r.steps, r.train, r.validation, r.weights, r.correct, r.place, r.group, r.failure)
        for r in results
    ]


CHANGES = [
    {},
    {"optimizer": OPTIMIZERS["momentum"](momentum=0.9), "lr_decay": Exponential(rate=0.5, decay_steps=5)},
    {"optimizer": OPTIMIZERS["adam"](), "learning_rate": 0.01, "lr_decay": Cosine(warmup_steps=3)},
    {"optimizer": OPTIMIZERS["nadam"](name="nadam"), "learning_rate": 0.01, "dropout": 0.3},
    {"dropout": (0.1, 0.4), "input_dropout": 0.2, "l2": 1e-3, "repeats": 3},
    {"batch_size": "full", "optimizer": OPTIMIZERS["rmsprop"](momentum=0.5, centered=True), "learning_rate": 0.01},
]


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_was_broken_off_goes_on_to_the_last_bit(blobs, small, tmp_path, monkeypatch, change, jit):
    from sweeper.train import plan, program

    monkeypatch.setattr(plan, "XLA_FROM", 1 if jit else 10**9)
    base = replace(small, steps=30, log_every=4, validate_every=7, **change)
    configs = [base, replace(base, seed=4, learning_rate=base.learning_rate / 3)]
    whole, told = train(blobs, configs)
    path = tmp_path / "group.npz"
    nothing, before = train(blobs, configs, path, break_at=16)
    assert nothing is None
    # Step 16 is no validation: both running means are in the middle.
    assert checkpoint.read_about(path).step == 16
    program._programs.clear()
    again, since = train(blobs, configs, path)
    assert remarks(since) == ["training goes on from step 16 of 30"]
    assert [e.step for e in since if isinstance(e, StepReport) and e.key == "0"] == [20, 24, 28, 30]
    assert numbers(again) == numbers(whole)
    for key in ("0", "1"):
        assert curve(since, key) == curve(told, key)
        steps = [replace(e, seconds=0.0) for e in told if isinstance(e, StepReport) and e.key == key]
        parts = [replace(e, seconds=0.0) for e in [*before, *since] if isinstance(e, StepReport) and e.key == key]
        assert parts == steps
    assert again[0].seconds["total"] >= again[0].seconds["train"] > 0


def test_a_group_that_has_shrunk_goes_on_in_its_last_program(blobs, small, tmp_path, monkeypatch):
    """Of five members two were stopped in a smaller program than the first; one more is in it without going on."""
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    base = replace(small, steps=30, log_every=2, optimizer=OPTIMIZERS["adam"](), learning_rate=0.01, dropout=0.2)
    configs = [replace(base, seed=n, dropout=0.1 * n) for n in range(6)]
    stop = {"0": 2, "2": 4, "3": 4, "5": 8}
    path = tmp_path / "group.npz"
    whole, told = train(blobs, configs, stop=stop)
    assert train(blobs, configs, path, stop=stop, break_at=12)[0] is None
    about = checkpoint.read_about(path)
    assert [(trial.key, trial.running) for trial in about.trials] == [("1", True), ("4", True), ("5", False)]
    again, since = train(blobs, [configs[1], configs[4]], path, keys="14")
    assert numbers(again) == numbers([whole[1], whole[4]])
    assert again[0].place["earlier"]
    assert curve(since, "4") == curve(told, "4")


def test_a_trial_that_was_stopped_after_the_checkpoint_is_stopped_there_again(blobs, small, tmp_path, monkeypatch):
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    configs = [replace(small, steps=30, log_every=2, seed=n) for n in range(2)]
    path, kept = tmp_path / "group.npz", tmp_path / "kept.npz"
    whole, _ = train(blobs, configs, stop={"1": 20})
    train(blobs, configs, path, break_at=12)
    shutil.copy(path, kept)
    again, _ = train(blobs, configs, kept, until={"1": 20})
    assert numbers(again) == numbers(whole)
    assert again[0].place["earlier"][0]["until"] == 20


def test_a_loss_that_is_not_finite_ends_the_trial_again_and_no_other(blobs, small, tmp_path):
    wild = replace(small, steps=30, learning_rate=1e30)
    configs = [wild, replace(small, steps=30)]
    path = tmp_path / "group.npz"
    whole, _ = train(blobs, configs)
    train(blobs, configs, path, break_at=20)
    assert [trial.running for trial in checkpoint.read_about(path).trials] == [False, True]
    again, _ = train(blobs, configs[1:], path, keys="1")
    assert whole[0].status == "failed"
    assert numbers(again) == numbers(whole[1:])


def test_of_numbers_too_a_trial_that_has_ended_changes_nothing_for_those_that_stop_early(
    numbers_split, small, tmp_path
):
    base = replace(small, steps=60, loss="mse", learning_rate=0.05, validate_every=4, stop_after=3, log_every=4)
    configs = [base, replace(base, seed=4), replace(base, seed=5)]
    path = tmp_path / "group.npz"
    whole, told = train(numbers_split, configs, stop={"1": 4})
    train(numbers_split, configs, path, stop={"1": 4}, break_at=12)
    assert [trial.running for trial in checkpoint.read_about(path).trials] == [True, False, True]
    again, since = train(numbers_split, [configs[0], configs[2]], path, keys="02")
    assert numbers(again) == numbers([whole[0], whole[2]])
    assert curve(since, "2") == curve(told, "2")


@pytest.fixture
def numbers_split(request):
    return request.getfixturevalue("numbers")


def test_a_short_trial_writes_nothing(blobs, small, tmp_path):
    path = tmp_path / "folder" / "group.npz"
    train(blobs, [small], path, every=60.0)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_due_by_the_time_since_the_last_and_by_what_it_cost(blobs, small, tmp_path, monkeypatch):
    from sweeper.train import saving

    now = [100.0]
    monkeypatch.setattr(saving, "SHARE", 20.0)
    monkeypatch.setattr(saving.time, "perf_counter", lambda: now[0])
    spec = TrialSpec("0", small.to_dict(), checkpoint=str(tmp_path / "group.npz"), checkpoint_every=60.0)
    saver = saving.Saver([spec], blobs)
    assert not saver.due
    now[0] = 160.0
    assert saver.due

    def slow(path, saved):
        now[0] += 5.0

    monkeypatch.setattr(saving.checkpoint, "write", slow)
    saver.save(None)
    now[0] = 165.0 + 99.0
    assert not saver.due
    now[0] = 165.0 + 100.0
    assert saver.due


@pytest.fixture
def written(blobs, small, tmp_path):
    """A checkpoint of one trial at step 8, and what the whole of it comes to."""
    config = replace(small, steps=20)
    path = tmp_path / "group.npz"
    train(blobs, [config], path, break_at=8)
    assert checkpoint.read_about(path).step == 8
    return config, path, train(blobs, [config])[0]


def test_one_that_is_torn_is_of_no_use_and_does_no_harm(blobs, written):
    config, path, whole = written
    path.write_bytes(path.read_bytes()[:-200])
    again, events = train(blobs, [config], path, every=60.0)
    assert len(remarks(events)) == 1
    assert "of no use, and the training begins again: group.npz cannot be read" in remarks(events)[0]
    assert numbers(again) == numbers(whole)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("data", "another digest"),
        ("versions", {"tensorflow": "1.0"}),
        ("machine", {}),
        ("trainer", "0"),
        ("refit", True),
    ],
)
def test_one_from_other_circumstances_is_of_no_use(blobs, written, name, change):
    config, path, whole = written
    found = checkpoint.read(path)
    about = replace(found.about, ground=found.about.ground | {name: change})
    checkpoint.write(path, replace(found, about=about))
    again, events = train(blobs, [config], path, every=60.0)
    assert len(remarks(events)) == 1
    assert f"its {name} is not what it was" in remarks(events)[0]
    assert numbers(again) == numbers(whole)


@pytest.mark.parametrize("change", [{"seed": 5}, {"learning_rate": 0.2}, {"steps": 21}, {"hidden": (5,)}], ids=str)
def test_one_of_another_trial_is_of_no_use(blobs, written, change):
    config, path, _ = written
    config = replace(config, **change)
    again, events = train(blobs, [config], path, every=60.0)
    assert remarks(events) == ["a checkpoint is of no use, and the training begins again: it is of other trials"]
    assert numbers(again) == numbers(train(blobs, [config])[0])


def test_a_state_that_does_not_fit_the_program_is_of_no_use(blobs, written):
    config, path, whole = written
    found = checkpoint.read(path)
    checkpoint.write(path, replace(found, arrays={**found.arrays, "state0": np.zeros((1, 2, 3), np.float32)}))
    again, events = train(blobs, [config], path, every=60.0)
    assert len(remarks(events)) == 1
    assert numbers(again) == numbers(whole)


def test_without_room_for_a_checkpoint_the_training_goes_on(blobs, small, tmp_path):
    (tmp_path / "file").write_text("in the way")
    went, events = train(blobs, [small], tmp_path / "file" / "group.npz")
    assert went[0].status == "finished"
    assert len(remarks(events)) == 1
    assert "no checkpoint can be written" in remarks(events)[0]
