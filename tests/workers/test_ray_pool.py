"""What is particular to workers on a cluster; the contract of every pool is in tests/contracts."""

import os
from dataclasses import replace
from functools import partial

import pytest
import targets
from helpers import drain, lost, results, spec
from on_ray import LOCAL_RAY, all_there, local_ray

from sweeper.config.schema import Config, Dataset
from sweeper.errors import SweeperError
from sweeper.trial import EpochReport, Remark
from sweeper.workers.base import WorkerLost
from sweeper.workers.process_pool import ProcessPool
from sweeper.workers.ray.pool import RayPool

# A Ray that takes too long to start on a busy machine is left to itself, and another one started.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with local_ray() as ray:
        yield ray


def pool_of(size, target, **more):
    return RayPool(size, LOCAL_RAY, 2, target=target, **more)


def until(pool, wanted):
    """Every event until one is wanted."""
    events = []
    while not any(map(wanted, events)):
        events += pool.poll(0.2)
    return events


def test_an_actor_that_is_killed_loses_its_trials_by_nobodys_fault_and_is_replaced():
    import ray

    with all_there(pool_of(1, partial(targets.trivial, pause=0.3))) as pool:
        pool.submit([spec(0), spec(1)])
        until(pool, lambda event: isinstance(event, EpochReport))
        ray.kill(pool._workers[0].actor)
        (gone,) = lost(drain(pool, 2))
        assert (gone.keys, gone.outside) == (("s/0", "s/1"), True)
        assert gone.reason.startswith("its actor was killed on ")
        pool.submit([spec(2)])
        assert results(drain(pool, 1))["s/2"].status == "finished"


def test_what_a_trial_does_to_its_process_is_told_as_on_one_machine_and_the_actor_lives_on():
    with all_there(pool_of(1, targets.deadly)) as pool:
        actor = pool._workers[0].actor
        pool.submit([spec(0, learning_rate=0.9), spec(1)])
        assert lost(drain(pool, 2)) == [WorkerLost(("s/0", "s/1"), "exited with status 3", outside=False)]
        pool.submit([spec(2)])
        result = results(drain(pool, 1))["s/2"]
        assert result.status == "finished"
        assert result.worker.endswith(f"@{pool.nodes[0]}")
        assert pool._workers[0].actor is actor


def test_a_checkpoint_comes_to_the_driver_and_goes_to_the_next_worker(tmp_path, monkeypatch):
    import ray

    mark = tmp_path / "mark"
    target = partial(targets.marked, mark=str(mark))
    named = replace(spec(0), checkpoint="checkpoints/s/me-1.npz")
    with all_there(pool_of(1, target)) as pool:
        files = pool.files(tmp_path)
        pool.submit([named], files)
        (gone,) = lost(drain(pool, 1))
        assert not gone.outside
        saved = files.fetch(named.checkpoint)
        assert saved.exists()
        before = pool._workers[0]
        ray.kill(before.actor)  # and with it what it has on its node
        while before in pool._workers:
            pool.poll(0.1)
        pool.submit([named], files)
        drain(pool, 1)
        assert mark.read_text().splitlines()[-1] == '[["s/0", 0, true]]'


def test_a_model_has_its_absolute_name_on_the_drivers_side(tmp_path):
    folder = tmp_path / "models"
    with all_there(pool_of(1, targets.saving)) as pool:
        pool.submit([replace(spec(0), model_dir=str(folder))])
        result = results(drain(pool, 1))["s/0"]
    assert result.models == (str(folder / "model.keras"),)
    assert (folder / "model.keras").read_text() == "weights"


def test_a_worker_of_a_local_ray_is_no_nicer_than_its_driver():
    with all_there(pool_of(1, targets.place)) as pool:
        pool.submit([spec(0)])
        said = results(drain(pool, 1))["s/0"].failure.message
    assert said.split()[-2:] == ["nice", str(os.nice(0))]


def test_nothing_is_left_on_the_node(tmp_path, monkeypatch):
    from sweeper.workers.ray import place

    with all_there(pool_of(2, targets.trivial)) as pool:
        driver = pool._connection.driver
        (folder,) = place.Path(place.tempfile.gettempdir()).glob(f"sweeper-ray-*-{driver}")
        assert len(list(folder.glob("worker-*"))) == 2
    assert not folder.exists()


def test_a_demand_without_room_is_said_and_not_waited_for_in_silence(monkeypatch):
    monkeypatch.setattr("sweeper.workers.ray.attendance.PATIENCE", 0.5)
    with pool_of(3, targets.trivial) as pool:
        remarks = [
            event.text for event in until(pool, lambda event: isinstance(event, Remark) and event.text[0] == "2")
        ]
        assert remarks[-1] == "2 of 3 workers are there; 1 waits for room in the cluster"
        assert pool.free_workers == 2
        pool.submit([spec(0)])
        assert results(drain(pool, 1))["s/0"].status == "finished"


def test_a_target_that_is_not_on_the_nodes_is_told_once(monkeypatch):
    import sys
    from types import ModuleType

    ghost = ModuleType("ghost")
    exec("def work(group, report, stopped): pass", ghost.__dict__)
    monkeypatch.setitem(sys.modules, "ghost", ghost)
    with pool_of(1, ghost.work) as pool, pytest.raises(SweeperError, match=r"no worker can start.*ghost"):  # noqa: PT012
        while True:
            pool.poll(0.5)


SHORT = Config(dataset=Dataset("digits")).to_dict() | {
    "validation": {"size": 0.2, "seed": 0},
    "steps": 40,
    "log_every": 20,
}


@pytest.mark.tensorflow
def test_the_same_bits_as_in_a_process_of_this_machine_from_data_that_were_sent():
    group = [spec(0, **SHORT | {"learning_rate": 0.1, "dropout": 0.1}), spec(1, **SHORT | {"learning_rate": 0.2})]
    found = []
    for make in (lambda: ProcessPool(1), lambda: RayPool(1, LOCAL_RAY, 2)):
        with make() as pool:
            pool.submit(group)
            found.append(drain(pool, 2, timeout=200.0))
    here, there = map(results, found)
    for key in ("s/0", "s/1"):
        assert here[key].weights == there[key].weights
        assert here[key].validation == there[key].validation
        assert here[key].machine == there[key].machine
    reports = [[event for event in events if isinstance(event, EpochReport)] for events in found]
    assert [replace(event, seconds=0.0) for event in reports[0]] == [
        replace(event, seconds=0.0) for event in reports[1]
    ]
