"""A cluster of three nodes on this machine: one is lost in the middle of a sweep, and another joins.

``SWEEPER_CLUSTER_TRIALS=30`` is the long form.
"""

import os
import signal
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'sweeper[ray]'")

import targets
from helpers import carry_out, plan
from spoken import Spoken
from three_nodes import all_free, environment, three_nodes

from sweeper.study.plan import Ended
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.workers.cluster import AUTO, Cluster
from sweeper.workers.ray.pool import RayPool

# A Ray that takes too long to start on a busy machine is left to itself, and another one started.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = int(os.environ.get("SWEEPER_CLUSTER_TRIALS", "12"))
WORK = partial(targets.trivial, pause=0.1)


@pytest.fixture(scope="module")
def nodes():
    with three_nodes() as made:
        yield made


def asked(trials):
    return plan(trials, group_limit=1, sampler="random", pruner="none")


def check_whole(runs, outcome, ended, tracker, expected):
    """As many as asked for, none told twice, none under way in either store, the scores and the best as undisturbed."""
    trials = len(expected)
    assert outcome.counts.finished == trials
    assert max(Counter(trial.number for trial in ended).values()) == 1
    record = load_study(runs, "s")
    assert (len(record.trials), record.running) == (trials, 0)
    assert sorted(trial.score for trial in record.trials) == sorted(expected)
    assert outcome.best.score == max(expected)
    assert Counter(run.status for run in tracker.runs.values() if "number" in run.tags) == {"FINISHED": trials}


def undisturbed(folder, trials):
    """The scores of the same sweep in this process."""
    _, ended = carry_out(asked(trials), folder, targets.trivial)
    return [trial.score for trial in ended]


def test_a_node_leaves_and_another_joins_in_the_middle_of_a_sweep(nodes, tmp_path):
    pool, tracker, seen, processes = RayPool(0, Cluster(AUTO), 2, target=WORK), MemoryTracker(), [], set()

    def observe(event):
        if isinstance(event, Ended):
            seen.append(event.trial.number)
            processes.add(event.trial.result.worker)
            if len(seen) == TRIALS // 3:
                all_there(pool)
                nodes.leave()
            if len(seen) == TRIALS // 2:
                nodes.join()
                all_there(pool)

    def all_there(pool, timeout=180.0):
        limit = time.monotonic() + timeout
        while len(pool.nodes) < 3:
            assert time.monotonic() < limit, pool.nodes
            time.sleep(0.1)

    outcome, ended = carry_out(asked(TRIALS), tmp_path / "cluster", WORK, pool=pool, tracker=tracker, observe=observe)
    check_whole(tmp_path / "cluster", outcome, ended, tracker, undisturbed(tmp_path / "quiet", TRIALS))
    assert len(processes) >= 4  # of the two nodes that stayed, of the one that left, and of the one that came


def driver(runs, nodes):
    command = [sys.executable, str(SWEEP), str(runs), str(TRIALS), "random", "none", "0.1", "memory", "auto"]
    return Spoken(command, env=environment(nodes))


@pytest.mark.parametrize(("number", "ends"), [(signal.SIGKILL, -9), (signal.SIGINT, 3)], ids=["killed", "Ctrl-C"])
def test_no_actor_outlives_its_driver_and_the_same_command_goes_on(nodes, tmp_path, number, ends):
    one = driver(tmp_path, nodes)
    said = [one.hear()]
    while sum("number" in line for line in said) < 3:
        said.append(one.hear())
        assert said[-1], one.end()
    one.send_signal(number)
    rest, code = one.end()
    assert code == ends
    assert all_free()
    more, code = driver(tmp_path, nodes).end()
    assert (code, more[-1]["finished"]) == (0, TRIALS)
    told = [line["number"] for line in said + rest + more if "number" in line]
    assert sorted(told) == sorted(set(told))
    record = load_study(tmp_path, "s")
    assert (len(record.trials), record.running) == (TRIALS, 0)
    expected = undisturbed(tmp_path / "quiet", TRIALS)
    assert sorted(trial.score for trial in record.trials) == sorted(expected)
