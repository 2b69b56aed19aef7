"""Workers and drivers are killed in the middle of real training; it goes on, and every number is as it would be."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from spoken import Spoken

from sweeper.checkpoint import read_about

TRAINING = Path(__file__).with_name("training.py")
EVERY = "0.1"

pytestmark = pytest.mark.tensorflow


class Training:
    """Training in a process of its own."""

    def __init__(self, *arguments):
        command = [sys.executable, str(TRAINING), *map(str, arguments)]
        self.process = Spoken(command)
        self.server = self.process.hear()["server"]

    @property
    def workers(self):
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_driver(self):
        """At once; the notes until then."""
        self.process.send_signal(signal.SIGKILL)
        lines, _ = self.process.end()
        return notes_of(lines)

    def end(self):
        """Wait for its end: what was trained, and the notes on the way."""
        lines, code = self.process.end()
        assert code == 0, lines
        return lines[-1]["trained"], notes_of(lines)


def notes_of(lines):
    return [line["note"] for line in lines if "note" in line]


def await_step(folder, step):
    """Wait for a checkpoint beyond a step; its own step."""
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        for path in folder.glob("*.npz"):
            try:
                reached = read_about(path).step
            except FileNotFoundError:
                continue
            if reached > step:
                return reached
        time.sleep(0.02)
    raise AssertionError(f"no checkpoint beyond step {step}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep that nothing happened to."""
    runs = tmp_path_factory.mktemp("whole")
    trained, notes = Training("sweep", runs).end()
    assert notes == []
    assert not (runs / "checkpoints").exists()
    assert [len(each["history"]) for each in trained] == [16, 16, 16]
    assert [each["result"]["group"] for each in trained] == [3, 3, 3]
    return trained


def gone_on_from(notes):
    """The steps that training went on from."""
    marked = [note.partition("goes on from step ")[2] for note in notes if "goes on from step" in note]
    return [int(text.split(" ")[0].replace(",", "")) for text in marked]


def test_a_sweep_whose_worker_and_driver_are_killed_ends_with_the_same_numbers(tmp_path, whole):
    folder = tmp_path / "checkpoints" / "s"
    training = Training("sweep", tmp_path, EVERY)
    first = await_step(folder, 1_000)
    os.kill(training.workers[0], signal.SIGKILL)
    second = await_step(folder, first + 3_000)
    told = training.kill_driver()
    assert any("killed by SIGKILL" in note for note in told)
    assert [first <= step < second for step in gone_on_from(told)] == [True]
    trained, notes = Training("sweep", tmp_path, EVERY).end()
    assert [step >= second for step in gone_on_from(notes)] == [True]
    assert trained == whole
    assert not folder.exists()


def test_a_run_that_was_killed_goes_on_with_the_same_command(tmp_path):
    expected, _ = Training("run", tmp_path / "whole").end()
    runs = tmp_path / "killed"
    training = Training("run", runs, EVERY)
    reached = await_step(runs / "checkpoints", 2_000)
    training.kill_driver()
    trained, notes = Training("run", runs, EVERY).end()
    assert [step >= reached for step in gone_on_from(notes)] == [True]
    assert trained == expected
    assert list((runs / "checkpoints").iterdir()) == []
