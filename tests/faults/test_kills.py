"""Drivers, workers and fork servers are killed at random; the sweep ends as if nothing had happened.

The short form runs with the other tests. The long one: ``SWEEPER_KILLS=200 pytest tests/faults/test_kills.py``.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeper.study.results import load_study

SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 40
KILLS = int(os.environ.get("SWEEPER_KILLS", "10"))


class Driver:
    """A sweep in a process of its own."""

    def __init__(self, runs, *more, trials=TRIALS):
        command = [sys.executable, str(SWEEP), str(runs), str(trials), *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = json.loads(self.process.stdout.readline())
        self.server = first["server"]

    @property
    def workers(self):
        try:
            children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(pid) for pid in children.split()]

    def kill(self, chance):
        """Kill something; whether it was the driver."""
        victims = [("driver", signal.SIGKILL), ("driver", signal.SIGTERM), ("worker", signal.SIGKILL)]
        victims += [("worker", signal.SIGTERM), ("server", signal.SIGKILL), ("driver", signal.SIGINT)]
        who, number = chance.choice(victims)
        pids = {"driver": [self.process.pid], "server": [self.server], "worker": self.workers}[who]
        if pids and self.process.poll() is None:
            try:
                os.kill(chance.choice(pids), number)
            except ProcessLookupError:
                return False
        return who == "driver"

    def end(self):
        """Wait for its end: what it said, and its exit code."""
        out, err = self.process.communicate(timeout=120)
        lines = [json.loads(line) for line in out.splitlines()]
        assert "Traceback" not in err, err
        return lines, self.process.returncode


def values(runs):
    """Of each slot, what was tried and how it ended."""
    record = load_study(runs, "s")
    assert record.running == 0
    return [(dict(trial.values), trial.state) for trial in record.trials]


def test_what_is_killed_goes_on_to_exactly_as_many_trials(tmp_path):
    whole, _ = Driver(tmp_path / "whole", "random", "median", "0.02").end()
    assert whole[-1]["finished"] + whole[-1]["pruned"] == TRIALS
    expected = {json.dumps(tried) for tried, _ in values(tmp_path / "whole")}
    best = max(trial.score for trial in load_study(tmp_path / "whole", "s").trials if trial.state == "finished")

    chance = random.Random(20240607)
    kills = sweeps = 0
    while kills < KILLS:
        runs = tmp_path / f"sweep-{sweeps}"
        sweeps += 1
        told, code = [], None
        while code != 0:
            driver = Driver(runs, "random", "median", "0.02")
            while driver.process.poll() is None and kills < KILLS:
                time.sleep(chance.uniform(0.1, 1.5))
                kills += 1
                if driver.kill(chance):
                    break
            lines, code = driver.end()
            # 130 and SIGTERM: it was not listening yet.
            assert code in {0, 3, 130, -signal.SIGKILL, -signal.SIGTERM}, lines
            told += [line["number"] for line in lines if "number" in line]
        assert sorted(told) == sorted(set(told)), "a trial was told twice"
        assert lines[-1]["finished"] + lines[-1]["pruned"] == TRIALS
        ended = values(runs)
        assert len(ended) == TRIALS
        assert {json.dumps(tried) for tried, _ in ended} == expected
        assert max(trial.score for trial in load_study(runs, "s").trials if trial.state == "finished") == best


def test_two_drivers_share_a_study_and_one_may_die(tmp_path):
    one, two = Driver(tmp_path, "random", "none", "0.05"), Driver(tmp_path, "random", "none", "0.05")
    time.sleep(3.0)
    one.process.kill()
    first, code = two.end()
    assert code == 0
    second, _ = one.end()
    told = [line["number"] for line in first + second if "number" in line]
    assert sorted(told) == sorted(set(told))
    ended = values(tmp_path)
    assert len(ended) == TRIALS
    assert len({json.dumps(tried) for tried, _ in ended}) == TRIALS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_a_sweep_cleanly_and_says_how_to_go_on(tmp_path, number):
    driver = Driver(tmp_path, "random", "none", "0.1", trials=200)
    driver.process.stdout.readline()
    driver.process.send_signal(number)
    lines, code = driver.end()
    assert code == 3
    assert "stopped with" in lines[-1]["error"]
    assert lines[-1]["hint"] == "the same command goes on"
    record = load_study(tmp_path, "s")
    assert record.running > 0  # in the queue, with their values
    again, code = Driver(tmp_path, trials=20).end()
    assert code == 0
    assert again[-1]["finished"] >= 20
