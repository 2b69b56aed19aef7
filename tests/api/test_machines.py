"""Calls that train on a cluster: what is asked reaches the workers, and what cannot be is one line."""

import inspect
import sys
from pathlib import Path

import pytest

import sweeper
from sweeper.api.machines import cluster_of
from sweeper.api.tune import _command as tune_command
from sweeper.errors import SweeperError
from sweeper.jobs.tune import Search
from sweeper.workers import pools
from sweeper.workers.cluster import HERE_ALONE, Cluster

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

from on_ray import local_ray

CALLS = {
    "run": lambda **more: sweeper.run(dataset="digits", steps=9, **more),
    "tune": lambda **more: sweeper.tune(dataset="digits", steps=9, activation="relu,tanh", trials=2, **more),
    "explore": lambda **more: sweeper.explore(scientific={"activation": "relu,tanh"}, dataset="digits", **more),
    "compare": lambda **more: sweeper.compare(
        {"activation": "relu"}, {"activation": "tanh"}, repeats=3, shared={"dataset": "digits", "steps": 9}, **more
    ),
}
HERE = {"cluster": "auto", "cpus_per_worker": 3, "gpus_per_worker": 0.5}


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The clusters that pools were asked for; none is there."""
    found = []

    def make(options):
        found.append(options.cluster)
        raise SweeperError("stopped here")

    kind = pools.WorkerKind("ray", make, isolated=True)
    monkeypatch.setattr(pools, "WORKER_KINDS", {"ray": kind})
    monkeypatch.delenv("SWEEPER_CLUSTER", raising=False)
    monkeypatch.chdir(tmp_path)
    return found


@pytest.mark.parametrize("name", CALLS)
def test_a_call_opens_its_workers_on_the_cluster(name, asked):
    with pytest.raises(SweeperError, match="stopped here"):
        CALLS[name](**HERE)
    assert asked == [Cluster("auto", 3, 0.5)]


def test_what_is_trained_again_and_tested_may_be_so_there(asked, tmp_path):
    parts = ("cluster", "cpus_per_worker", "gpus_per_worker")
    for call in (sweeper.reproduce, sweeper.test):
        assert set(parts) <= set(inspect.signature(call).parameters)
        with pytest.raises(sweeper.InputError, match="cluster='moon': no address of a cluster"):
            call("nobody", cluster="moon")


def test_the_environment_stands_for_the_argument(monkeypatch):
    monkeypatch.setenv("SWEEPER_CLUSTER", "auto")
    assert cluster_of(None, 2, None) == Cluster("auto", 2)
    assert cluster_of("", None, None) == HERE_ALONE
    assert cluster_of("local", None, 1) == Cluster("local", 0, 1.0)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cluster": "moon"}, "cluster='moon': no address of a cluster (give local, auto, or ray://HOST:PORT"),
        ({"cluster": "ray://head"}, "cluster='ray://head': no address of a cluster"),
        ({"cpus_per_worker": 2}, "cpus_per_worker= is for workers on a cluster (give cluster='local', too)"),
        ({"cluster": "auto", "cpus_per_worker": 0}, "cpus_per_worker=0: a worker takes at least 1"),
        ({"cluster": "auto", "gpus_per_worker": -1}, "gpus_per_worker=-1: a number from 0 is needed"),
        ({"cluster": 3}, "cluster: 3 is not text"),
    ],
)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_cluster_is_one_line_and_nothing_is_written(name, more, said, asked, tmp_path):
    with pytest.raises(sweeper.InputError) as error:
        CALLS[name](**more)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert asked == []
    assert list(tmp_path.iterdir()) == []


def test_the_command_that_goes_on_says_where():
    search = Search(trials=5, cluster=Cluster("auto", 2, 0.5))
    told = "sweeper tune --trials 5 --confirm 0 --cluster auto --cpus-per-worker 2 --gpus-per-worker 0.5"
    assert tune_command(search, (), None, Path("runs"), None) == told


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_run_on_a_ray_of_this_machine_has_the_numbers_of_a_process(tmp_path):
    with local_ray():
        there = sweeper.run(dataset="digits", steps=20, cluster="local", runs=tmp_path / "a", progress=False)
    here = sweeper.run(dataset="digits", steps=20, runs=tmp_path / "b", progress=False)
    sweeper.close()
    assert there.validation.loss == here.validation.loss
