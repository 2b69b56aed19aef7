"""Drivers that lose time: stopped for longer than their lease, with clocks that jump, or all killed at once."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest
from spoken import Spoken

from sweeper.study.storage.location import study_file
from sweeper.study.study_record import load_study

SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 40
SHORT = """
import runpy, sys, time
from sweeper.study import opening
from sweeper.system import process
opening.RENEW, process.SILENCE = 0.3, 2.0
begun, true, jump = time.monotonic(), time.time, float(sys.argv.pop(1))
time.time = lambda: true() + (jump if time.monotonic() - begun > 3.0 else 0.0)
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""A sweep whose lease expires after 2 s, and whose clock jumps when it is 3 s old."""

ELSEWHERE = ("unshare", "-rpf", "--mount-proc")
"""In process numbers of its own: to other drivers, a process that they cannot see, as on another machine."""


class Driver:
    """A sweep in a process of its own, maybe as if on another machine."""

    started: ClassVar = []

    def __init__(self, runs, *, jump=0.0, elsewhere=False):
        command = [sys.executable, "-c", SHORT, str(jump), str(SWEEP), str(runs), str(TRIALS), "random", "none", "0.05"]
        prefix = ELSEWHERE if elsewhere else ()
        self.process = Spoken([*prefix, *command])
        self.started.append(self.process)
        first = self.process.hear()
        assert first, self.process.stderr.read()
        self.server = first["server"]
        self.pid = children(self.process.pid)[0] if elsewhere else self.process.pid

    def await_trials(self, count):
        """Wait until so many have ended, and say which."""
        told = []
        while len(told) < count:
            line = self.process.hear()
            told += [line["number"]] if "number" in line else []
        return told

    def stop(self, runs):
        """Stop it where it does not hold the database: else everybody would wait for it, as for any other lock."""
        while True:
            os.kill(self.pid, signal.SIGSTOP)
            with closing(sqlite3.connect(study_file(runs, "s"), isolation_level=None, timeout=0.2)) as database:
                try:
                    database.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    os.kill(self.pid, signal.SIGCONT)
                    continue
                database.execute("ROLLBACK")
                return

    def end(self):
        """Wait for its end; which trials it told."""
        lines, code = self.process.end()
        assert code == 0, lines
        return [line["number"] for line in lines if "number" in line]


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    while Driver.started:
        process = Driver.started.pop()
        process.kill()
        process.communicate()


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def separable():
    """Whether a process can have process numbers of its own here."""
    return bool(shutil.which("unshare")) and subprocess.run([*ELSEWHERE, "true"], check=False).returncode == 0


apart = pytest.mark.skipif(not separable(), reason="no process can be hidden from another here")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What a sweep tries and finds that nothing happens to."""
    runs = tmp_path_factory.mktemp("whole")
    Driver(runs).end()
    return found(runs)


def found(runs):
    """Of each trial its values and its score."""
    record = load_study(runs, "s")
    assert record.running == 0
    assert len(record.trials) == TRIALS
    return sorted((json.dumps(dict(trial.values)), trial.score) for trial in record.trials)


def numbers(runs):
    """Of the trials; each is told once, and the first end that is told holds."""
    return sorted(trial.number for trial in load_study(runs, "s").trials)


@apart
def test_a_driver_that_is_stopped_for_longer_than_its_lease_costs_trials_run_twice_and_no_wrong_result(
    tmp_path, expected
):
    stopped = Driver(tmp_path, elsewhere=True)
    other = Driver(tmp_path)
    told = stopped.await_trials(3)
    stopped.stop(tmp_path)
    theirs = other.end()  # it has taken over what the stopped one had
    os.kill(stopped.pid, signal.SIGCONT)
    mine = told + stopped.end()
    assert found(tmp_path) == expected
    assert sorted(mine + theirs) == numbers(tmp_path)


@pytest.mark.parametrize("hours", [-1, 24 * 365])
def test_a_clock_that_jumps_costs_nothing_between_drivers_of_one_machine(tmp_path, expected, hours):
    one, two = Driver(tmp_path, jump=hours * 3600.0), Driver(tmp_path)
    told = one.end() + two.end()
    assert found(tmp_path) == expected
    assert sorted(told) == numbers(tmp_path)


@apart
def test_a_clock_that_jumps_costs_at_most_trials_run_twice_between_machines(tmp_path, expected):
    one, two = Driver(tmp_path, jump=3600.0, elsewhere=True), Driver(tmp_path)
    told = one.end() + two.end()
    assert found(tmp_path) == expected
    assert sorted(told) == numbers(tmp_path)


def test_all_killed_at_once_goes_on_to_the_same_trials(tmp_path, expected):
    told = []
    for after in (5, 12):
        driver = Driver(tmp_path)
        told += driver.await_trials(after)
        for pid in [*children(driver.server), driver.server, driver.pid]:
            os.kill(pid, signal.SIGKILL)
        lines, _ = driver.process.end()
        told += [line["number"] for line in lines if "number" in line]
    told += Driver(tmp_path).end()
    assert found(tmp_path) == expected
    assert len(told) == len(set(told))
    unsaid = set(numbers(tmp_path)) - set(told)  # told the store, and killed before it could say so here
    assert len(unsaid) <= 2
