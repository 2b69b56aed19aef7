"""Trainings over folds that were broken off go on from their checkpoint, with the same numbers to the last bit."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from sweeper import checkpoint
from sweeper.config.schema import OPTIMIZERS, Cosine
from sweeper.trial import EpochReport, StepReport, TrialResult, to_json
from tests.train.broken_off import BrokenOffError, curve, remarks, train

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("at_every_step")]


def numbers(results):
    """All of a result that must come again; times and the names of files may not."""
    return [{**to_json(result), "seconds": 0, "models": ()} for result in results]


CHANGES = [
    {},
    {"optimizer": OPTIMIZERS["adam"](), "learning_rate": 0.01, "lr_decay": Cosine(warmup_steps=3), "dropout": 0.3},
    {"repeats": 2, "learning_rate": 0.5, "stop_after": 2, "validate_every": 4},
]


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_was_broken_off_goes_on_to_the_last_bit(folded, small, tmp_path, monkeypatch, change, jit):
    from sweeper.train import plan, program

    monkeypatch.setattr(plan, "XLA_FROM", 1 if jit else 10**9)
    base = replace(small, **{"steps": 36, "log_every": 4, "validate_every": 7} | change)
    configs = [base, replace(base, seed=4, learning_rate=base.learning_rate / 3)]
    whole, told = train(folded, configs)
    path = tmp_path / "group.npz"
    nothing, before = train(folded, configs, path, break_at=16)
    assert nothing is None
    assert checkpoint.read_about(path).step == 16
    program._programs.clear()
    again, since = train(folded, configs, path)
    assert remarks(since) == ["training goes on from step 16 of 36"]
    assert numbers(again) == numbers(whole)
    for key in ("0", "1"):
        assert curve(since, key) == curve(told, key)
        steps = [replace(e, seconds=0.0) for e in told if isinstance(e, StepReport) and e.key == key]
        parts = [replace(e, seconds=0.0) for e in [*before, *since] if isinstance(e, StepReport) and e.key == key]
        assert parts == steps


def early(small):
    """A trial whose folds stop early at different steps."""
    return replace(small, steps=200, log_every=4, learning_rate=0.5, validate_every=4, stop_after=3)


def test_folds_that_had_stopped_early_are_not_trained_again(folded, small, tmp_path):
    config = early(small)
    whole, told = train(folded, [config])
    steps = sorted({event.step for event in told if isinstance(event, EpochReport)})
    ends = sorted(4 * 3 + step for step in whole[0].kept["steps"])
    assert ends[0] < ends[-1] == whole[0].steps == steps[-1]
    for broken in range(ends[0], ends[-1], 4):
        path = tmp_path / f"{broken}.npz"
        assert train(folded, [config], path, break_at=broken)[0] is None
        found = checkpoint.read(path)
        assert any(name.startswith("2.") for name in found.arrays) or ends[0] < broken
        # A second break: what was taken up is kept as it was.
        train(folded, [config], path, keys="x", break_at=broken + 4)
        again, since = train(folded, [config], path)
        assert numbers(again) == numbers(whole)
        assert curve(since) == curve(told)


def test_a_trial_that_has_ended_is_not_in_what_goes_on_and_changes_nothing(folded, small, tmp_path):
    base = replace(small, steps=40, log_every=2, optimizer=OPTIMIZERS["adam"](), learning_rate=0.01)
    wild = replace(base, learning_rate=1e30, activation="linear")
    configs = [base, replace(base, seed=2), replace(wild, activation=base.activation), replace(base, seed=3)]
    stop = {"1": 6, "3": 20}
    path, kept = tmp_path / "group.npz", tmp_path / "kept.npz"
    whole, told = train(folded, configs, stop=stop)
    assert [result.status for result in whole] == ["finished", "pruned", "failed", "pruned"]
    train(folded, configs, path, stop=stop, break_at=12)
    assert [trial.running for trial in checkpoint.read_about(path).trials] == [True, False, False, True]
    shutil.copy(path, kept)
    again, since = train(folded, [configs[0], configs[3]], path, keys="03", stop=stop)
    assert numbers(again) == numbers([whole[0], whole[3]])
    assert curve(since, "3") == curve(told, "3")
    # Where nobody is there to stop it again, it ends where it did.
    again, _ = train(folded, [configs[0], configs[3]], kept, keys="03", until={"3": whole[3].steps})
    assert numbers(again) == numbers([whole[0], whole[3]])


def test_what_had_ended_on_every_fold_is_only_given_its_model(folded, small, tmp_path, monkeypatch):
    """A worker is killed while the model on all examples is trained."""
    from sweeper.train import folds

    config, path = early(small), tmp_path / "group.npz"
    whole, _ = train(folded, [config], models=str(tmp_path / "whole"))
    alone, left = folds.train, []

    def dies(*_):
        left.append(True)
        raise BrokenOffError

    monkeypatch.setattr(folds, "train", dies)
    assert train(folded, [config], path, models=str(tmp_path / "killed"))[0] is None
    assert left
    assert checkpoint.read_about(path).running
    monkeypatch.setattr(folds, "train", alone)
    monkeypatch.setattr(folds.Training, "rounds", lambda *_: pytest.fail("nothing is left to train"))

    def models_only(*asked):
        monkeypatch.undo()
        return alone(*asked)

    monkeypatch.setattr(folds, "train", models_only)
    again, _ = train(folded, [config], path, models=str(tmp_path / "again"), every=60.0)
    assert numbers(again) == numbers(whole)

    from sweeper.train.quiet import keras

    ours, theirs = (keras.saving.load_model(one.models[0]).get_weights() for one in (again[0], whole[0]))
    assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def test_a_model_is_trained_while_other_trials_go_on(folded, small, tmp_path):
    quick, slow = early(small), replace(early(small), learning_rate=0.02, seed=3)
    results, events = train(folded, [quick, slow], models=str(tmp_path))
    ended = [event.key for event in events if isinstance(event, TrialResult)]
    first, last = (results[int(key)].steps for key in ended)
    assert first < last
    assert [result.status for result in results] == ["finished", "finished"]
    assert all(len(result.models) == 1 for result in results)


@pytest.mark.parametrize("change", [{"seed": 5}, {"stop_after": 4}, {"steps": 41}], ids=str)
def test_one_of_another_trial_is_of_no_use(folded, small, tmp_path, change):
    path, small = tmp_path / "group.npz", replace(small, steps=30)
    train(folded, [small], path, break_at=12)
    other = replace(small, **change)
    again, events = train(folded, [other], path, every=60.0)
    assert remarks(events) == ["a checkpoint is of no use, and the training begins again: it is of other trials"]
    assert numbers(again) == numbers(train(folded, [other])[0])


def test_one_that_is_torn_is_of_no_use(folded, small, tmp_path):
    path, small = tmp_path / "group.npz", replace(small, steps=30)
    train(folded, [small], path, break_at=12)
    found = checkpoint.read(path)
    whole, _ = train(folded, [small])
    short = {name: array[..., :1] if name == "1.state0" else array for name, array in found.arrays.items()}
    plain = {name: array for name, array in found.arrays.items() if name != "folds"}
    for arrays in (short, plain):
        checkpoint.write(path, replace(found, arrays=arrays))
        again, events = train(folded, [small], path, every=60.0)
        assert len(remarks(events)) == 1
        assert "a checkpoint is of no use, and the training begins again" in remarks(events)[0]
        assert numbers(again) == numbers(whole)


def test_without_room_for_a_checkpoint_the_training_goes_on(folded, small, tmp_path):
    (tmp_path / "file").write_text("in the way")
    went, events = train(folded, [small], tmp_path / "file" / "group.npz")
    assert went[0].status == "finished"
    assert len(remarks(events)) == 1
    assert "no checkpoint can be written" in remarks(events)[0]
