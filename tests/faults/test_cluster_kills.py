"""Nodes, actors and drivers of a cluster are killed at random; each sweep ends as if nothing had happened.

The short form runs where ``SWEEPER_RAY=1`` asks for Ray. The long one, which also prints what was killed:
``SWEEPER_RAY=1 SWEEPER_CLUSTER_KILLS=20 pytest -s tests/faults/test_cluster_kills.py``.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'sweeper[ray]'")

from ended import best, mirrored, tried, values
from spoken import Spoken
from three_nodes import all_free, environment, three_nodes

# A Ray that takes too long to start on a busy machine is left to itself, and another one started.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 30
KILLS = int(os.environ.get("SWEEPER_CLUSTER_KILLS", "3"))
PATIENCE = 300
"""Seconds for a driver to end by itself."""

KILLED = ("random", "none", "0.4", "mlflow")
"""Sampler, pruner, seconds of one of five steps, and tracker of the sweep that is killed."""

SIGNALS = {"driver": (signal.SIGKILL, signal.SIGTERM, signal.SIGINT), "actor": (signal.SIGKILL, signal.SIGTERM)}
CODES = {0, 3, 130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}


@pytest.fixture(scope="module")
def nodes():
    with three_nodes() as made:
        yield made


def begun(nodes, runs):
    """A driver that has given out trials, and what it has said."""
    driver = Spoken([sys.executable, str(SWEEP), str(runs), str(TRIALS), *KILLED, "auto"], env=environment(nodes))
    said = [driver.hear()]
    while said[-1] and "began" not in said[-1]:
        said.append(driver.hear())
    return driver, [line for line in said if line]


def kill(nodes, driver, chance, who):
    """Kill something: how it was done, or nothing where there was nothing left to kill."""
    if who == "node":
        nodes.leave(chance.randrange(2))
        nodes.join()
        return "node"
    pids, number = nodes.actors() if who == "actor" else [driver.pid], chance.choice(SIGNALS[who])
    if not pids or driver.poll() is not None:
        return ""
    try:
        os.kill(chance.choice(pids), number)
    except ProcessLookupError:
        return ""
    return f"{who} {number.name}"


def kill_through(nodes, runs, chance, tally):
    """One sweep with the same command again and again, killed until enough is killed; the numbers that were told."""
    told, code = [], None
    while code != 0:
        driver, said = begun(nodes, runs)
        what = ""
        while driver.poll() is None and tally.total() < KILLS and "driver" not in what:
            time.sleep(chance.uniform(0.1, 3.0))
            if what := kill(nodes, driver, chance, chance.choice(("node", "actor", "driver"))):
                tally[what] += 1
        lines, code = driver.end(PATIENCE)
        assert code in CODES, lines
        told += [line["number"] for line in said + lines if "number" in line]
    assert (said + lines)[-1]["finished"] == TRIALS
    return told


def test_whatever_of_a_cluster_is_killed_each_sweep_has_exactly_as_many_trials(nodes, tmp_path):
    whole, tally, sweeps = tmp_path / "whole", Counter(), 0
    driver, _ = begun(nodes, whole)
    assert driver.end(PATIENCE)[1] == 0
    chance = random.Random(20261128)
    while tally.total() < KILLS:
        runs = tmp_path / f"sweep-{sweeps}"
        told = kill_through(nodes, runs, chance, tally)
        assert sorted(told) == sorted(set(told)), "a trial was told twice"
        assert len(values(runs)) == TRIALS
        assert tried(runs) == tried(whole)
        assert best(runs) == best(whole)
        assert mirrored(runs) == (list(range(TRIALS)), {"FINISHED"})
        assert all_free()
        sweeps += 1
    print(f"\n{tally.total()} kills, {sweeps} sweeps: {dict(tally)}")
