"""Workers and drivers are killed in the middle of real training; it goes on, and every number is as it would be."""

import os
import signal

import pytest
from trainings import EVERY, Training, await_step, gone_on_from

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def whole(tmp_path_factory, kept_workers):
    """A sweep that nothing happened to."""
    runs = tmp_path_factory.mktemp("whole")
    trained, notes = Training("sweep", runs, env=kept_workers).end()
    assert notes == []
    assert not (runs / "checkpoints").exists()
    assert [len(each["history"]) for each in trained] == [16, 16, 16]
    assert [each["result"]["group"] for each in trained] == [3, 3, 3]
    return trained


def test_a_sweep_whose_worker_and_driver_are_killed_ends_with_the_same_numbers(tmp_path, whole, kept_workers):
    folder = tmp_path / "checkpoints" / "s"
    training = Training("sweep", tmp_path, EVERY)
    first = await_step(folder, 1_000)
    os.kill(training.workers[0], signal.SIGKILL)
    second = await_step(folder, first + 3_000)
    told = training.kill_driver()
    assert any("killed by SIGKILL" in note for note in told)
    assert [first <= step < second for step in gone_on_from(told)] == [True]
    trained, notes = Training("sweep", tmp_path, EVERY, env=kept_workers).end()
    assert [step >= second for step in gone_on_from(notes)] == [True]
    assert trained == whole
    assert not folder.exists()


def test_a_sweep_over_folds_goes_on_with_the_same_numbers_too(tmp_path, kept_workers):
    whole, notes = Training("folds", tmp_path / "whole", env=kept_workers).end()
    assert notes == []
    assert [len(each["result"]["folds"]) for each in whole] == [3, 3, 3]
    assert all(len(each["result"]["kept"]["steps"]) == 3 for each in whole)
    runs = tmp_path / "killed"
    training = Training("folds", runs, EVERY)
    first = await_step(runs / "checkpoints" / "s", 500)
    os.kill(training.workers[0], signal.SIGKILL)
    second = await_step(runs / "checkpoints" / "s", first + 1_000)
    told = training.kill_driver()
    assert any("killed by SIGKILL" in note for note in told)
    assert [first <= step < second for step in gone_on_from(told)] == [True]
    trained, notes = Training("folds", runs, EVERY, env=kept_workers).end()
    assert [step >= second for step in gone_on_from(notes)] == [True]
    assert trained == whole
    assert not (runs / "checkpoints" / "s").exists()


def test_a_run_that_was_killed_goes_on_with_the_same_command(tmp_path, whole_run, kept_workers):
    runs = tmp_path / "killed"
    training = Training("run", runs, EVERY)
    reached = await_step(runs / "checkpoints", 2_000)
    training.kill_driver()
    trained, notes = Training("run", runs, EVERY, env=kept_workers).end()
    assert [step >= reached for step in gone_on_from(notes)] == [True]
    assert trained == whole_run
    assert list((runs / "checkpoints").iterdir()) == []
