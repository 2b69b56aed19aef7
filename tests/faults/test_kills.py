"""Drivers, workers and fork servers are killed at random; the sweep ends as if nothing had happened.

The short form runs with the other tests. The long one, which also prints what the kills cost:
``SWEEPER_KILLS=200 pytest -s tests/faults/test_kills.py``.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import warming
from ended import best, mirrored, tried, values
from spoken import Spoken

from sweeper.jobs import warm as job
from sweeper.study.study_record import load_study

SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 40
KILLS = int(os.environ.get("SWEEPER_KILLS", "6"))
PATIENCE = 120 if KILLS <= 10 else 1800
"""Seconds for a driver to end by itself: a machine that is busy for as long as the long form takes may sleep, too."""
COMPARED = 5
"""After so many sweeps that are killed, one more that is not: the machine's pace changes."""

KILLED = ("random", "median", "0.1", "mlflow")
"""Sampler, pruner, seconds of one of five steps, and tracker of the sweep that is killed."""


class Driver:
    """A sweep in a process of its own."""

    def __init__(self, runs, *more, trials=TRIALS):
        self.started, self.killed = time.monotonic(), None
        command = [sys.executable, str(SWEEP), str(runs), str(trials), *more]
        self.process = Spoken(command)
        first = self.process.hear()
        assert first, self.process.communicate()[1]
        self.server = first["server"]

    @property
    def workers(self):
        try:
            children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(pid) for pid in children.split()]

    def kill(self, chance):
        """Kill something: what it was, or nothing where there was nothing left to kill."""
        victims = [("driver", signal.SIGKILL), ("driver", signal.SIGTERM), ("worker", signal.SIGKILL)]
        victims += [("worker", signal.SIGTERM), ("server", signal.SIGKILL), ("driver", signal.SIGINT)]
        who, number = chance.choice(victims)
        pids = {"driver": [self.process.pid], "server": [self.server], "worker": self.workers}[who]
        if not pids or self.process.poll() is not None:
            return ""
        try:
            os.kill(chance.choice(pids), number)
        except ProcessLookupError:
            return ""
        self.killed = time.monotonic() if who == "driver" else None
        return f"{who} {number.name}"

    def end(self):
        """Wait for its end: what it said, and its exit code."""
        return self.process.end(PATIENCE)


class Stops(threading.Thread):
    """Notes when this machine, or somebody who stops all its processes, let nothing go on: that time is no cost."""

    def __init__(self):
        super().__init__(daemon=True)
        self.gaps = []
        self.ended = threading.Event()

    def run(self):
        last = time.monotonic()
        while not self.ended.wait(0.1):
            now = time.monotonic()
            if now - last > 2.0:
                self.gaps.append((last, now))
            last = now

    def between(self, begin, end):
        return sum(max(0.0, min(end, later) - max(begin, earlier)) for earlier, later in self.gaps)


@dataclass
class Cost:
    """Seconds by the clock of all drivers: until they gave out their first trials, then, and from their kill on."""

    stops: Stops
    start: float = 0.0
    work: float = 0.0
    end: float = 0.0
    drivers: int = 0
    sweeps: int = 0

    def add(self, driver, lines):
        ended = time.monotonic()
        killed = driver.killed or ended
        began = min((line["at"] for line in lines if "at" in line), default=killed)
        self.start += self.awake(driver.started, began)
        self.work += self.awake(began, killed)
        self.end += self.awake(killed, ended)
        self.drivers += 1

    def awake(self, begin, end):
        return end - begin - self.stops.between(begin, end)

    def a_sweep(self):
        start, work, end = (seconds / self.sweeps for seconds in (self.start, self.work, self.end))
        return f"{start:.1f} s to start, {work:.1f} s of work, {end:.1f} s to end once killed"


@dataclass
class Tally:
    """What was killed, and what it cost."""

    cost: Cost
    kills: dict = field(default_factory=dict)

    @property
    def killed(self):
        return sum(self.kills.values())

    def say(self, alone):
        """The figures for docs/explanation/reliability.md."""
        cost = self.cost
        print(f"\n{self.killed} kills, {cost.sweeps} sweeps, {cost.drivers} drivers: {self.kills}")
        print(f"a sweep that nobody disturbs ({alone.sweeps}): {alone.a_sweep()}")
        print(f"a sweep that is killed: {cost.a_sweep()}")
        print(f"work: {cost.work / cost.sweeps / (alone.work / alone.sweeps):.2f} times as long")


def kill_through(runs, chance, tally):
    """One sweep with the same command again and again, killed until enough is killed; the numbers that were told."""
    told, code = [], None
    while code != 0:
        driver = Driver(runs, *KILLED)
        while driver.process.poll() is None and tally.killed < KILLS:
            time.sleep(chance.uniform(0.1, 3.0))
            if what := driver.kill(chance):
                tally.kills[what] = tally.kills.get(what, 0) + 1
            if "driver" in what:  # which goes on without a worker or its fork server, and is killed further
                break
        lines, code = driver.end()
        tally.cost.add(driver, lines)
        # 130 and SIGTERM: it was not listening yet; SIGINT: it was done, and not listening any more.
        assert code in {0, 3, 130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}, lines
        told += [line["number"] for line in lines if "number" in line]
    assert lines[-1]["finished"] + lines[-1]["pruned"] == TRIALS
    tally.cost.sweeps += 1
    return told


def undisturbed(runs, cost):
    """One sweep that nothing happens to."""
    driver = Driver(runs, *KILLED)
    lines, _ = driver.end()
    cost.add(driver, lines)
    cost.sweeps += 1
    assert lines[-1]["finished"] + lines[-1]["pruned"] == TRIALS


@pytest.fixture(params=["cold", pytest.param("warm", marks=pytest.mark.slow)])
def started(request, tmp_path, monkeypatch):
    """How drivers begin: by themselves, or with what a warm server keeps."""
    if request.param == "cold":
        yield None
        return
    monkeypatch.setenv("SWEEPER_WARM", str(tmp_path / "kept"))
    with warming.server(tmp_path / "kept") as server:
        yield server


def test_what_is_killed_goes_on_to_exactly_as_many_trials(started, tmp_path):
    stops = Stops()
    stops.start()
    whole, alone, tally = tmp_path / "whole", Cost(stops), Tally(Cost(stops))
    undisturbed(whole, alone)
    chance = random.Random(20240607)
    while tally.killed < KILLS:
        runs = tmp_path / f"sweep-{tally.cost.sweeps}"
        told = kill_through(runs, chance, tally)
        assert sorted(told) == sorted(set(told)), "a trial was told twice"
        assert len(values(runs)) == TRIALS
        assert tried(runs) == tried(whole)
        assert best(runs) == best(whole)
        assert mirrored(runs) == (list(range(TRIALS)), {"FINISHED"})
        if tally.cost.sweeps % COMPARED == 0:
            undisturbed(tmp_path / f"whole-{tally.cost.sweeps}", alone)
    stops.ended.set()
    tally.say(alone)
    if started:  # the last driver may have lost its server, and ended with one of its own
        undisturbed(tmp_path / "last", alone)
        assert len(job.status()["spares"]) == 2
        assert started.poll() is None


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_a_sweep_cleanly_and_says_how_to_go_on(tmp_path, number):
    driver = Driver(tmp_path, "random", "none", "0.1", trials=200)
    driver.process.hear()
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
