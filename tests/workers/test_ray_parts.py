"""The parts of workers on a cluster that need no cluster."""

import errno
from dataclasses import replace

import pytest
from helpers import spec
from on_ray import LOCAL_RAY

from sweeper.config.schema import Config, Dataset
from sweeper.errors import InputError
from sweeper.trial import EpochReport, Scores, TrialResult
from sweeper.workers.base import WorkerLost
from sweeper.workers.cluster import Cluster
from sweeper.workers.ray import nodes, place
from sweeper.workers.ray.connection import Connection, check_installed
from sweeper.workers.ray.nodes import Demand
from sweeper.workers.ray.parcels import NodeFiles, Outgoing, Parcel, put
from sweeper.workers.ray.pool import RayPool
from sweeper.workers.ray.remote import ActorDeath, RemoteWorker, explain


def node(**resources):
    return {"Resources": resources}


SMALL, LARGE, GPUS = node(CPU=2.0), node(CPU=9.0, memory=8e9), node(CPU=4.0, GPU=2.0, memory=8e9)


@pytest.mark.parametrize(
    ("demand", "count"),
    [
        (Demand(1), 15),
        (Demand(2), 7),
        (Demand(4), 3),
        (Demand(1, 1.0), 2),
        (Demand(1, 0.5), 4),
        (Demand(1, 0, 3 * 10**9), 4),
    ],
)
def test_room_is_counted_node_by_node(demand, count):
    assert nodes.capacity([SMALL, LARGE, GPUS], demand) == count


@pytest.mark.parametrize(
    ("demand", "says", "key"),
    [
        (
            Demand(10),
            "--cpus-per-worker 10: no node of the cluster has so many processors; the most is 9",
            "--cpus-per-worker",
        ),
        (
            Demand(1, 3.0),
            "--gpus-per-worker 3: no node of the cluster has so many GPUs; the most is 2",
            "--gpus-per-worker",
        ),
        (Demand(1, 0, 9 * 10**9), "the most is 8e+09", "--memory"),
        (Demand(5, 1.0), "no node of the cluster has room for a worker with all that is asked for", "--cluster"),
    ],
)
def test_what_no_node_has_is_named(demand, says, key):
    with pytest.raises(InputError) as told:
        nodes.check_room([SMALL, LARGE, GPUS], demand)
    assert says in told.value.message
    assert told.value.key == key


@pytest.mark.parametrize("address", ["moon", "ray://head", "ray://:10001", "10.0.0.1:6379", "ray://head:port"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InputError, match="no address of a cluster"):
        Cluster(address)


def test_what_is_asked_of_no_cluster_is_refused():
    with pytest.raises(InputError, match="--gpus-per-worker is for workers on a cluster"):
        Cluster(gpus=1.0)


def test_a_cluster_that_does_not_answer_is_one_line():
    pytest.importorskip("ray")
    with pytest.raises(InputError, match=r"no Ray cluster answers at ray://127.0.0.1:1: Connection refused"):
        Connection(Cluster("ray://127.0.0.1:1"), 2)


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("sweeper.workers.ray.connection.find_spec", lambda _: None)
    with pytest.raises(InputError) as told:
        RayPool(1, LOCAL_RAY, 2, at_once=False)
    assert "sweeper[ray]" in told.value.hint
    with pytest.raises(InputError):
        check_installed()


def test_a_node_with_other_versions_is_refused_with_both():
    here = nodes.examine(nodes.PACKAGES) | {"id": "n"}
    assert nodes.difference(here) == ""
    other = here | {"node": "far", "versions": here["versions"] | {"numpy": "1.0"}}
    says = f"the node far has numpy 1.0, and this machine numpy {here['versions']['numpy']}"
    assert nodes.difference(other) == says
    assert nodes.difference(other | {"versions": here["versions"] | {"keras": ""}}).startswith(
        "the node far has no keras"
    )
    with pytest.raises(InputError, match=r"the node far has numpy 1\.0"):
        nodes.check_versions([here, other])


class UnavailableError(Exception):
    pass


@pytest.mark.parametrize(
    ("text", "death"),
    [
        (
            "The actor is dead because its node has died.",
            ActorDeath("the node n left the cluster", outside=True, node=True),
        ),
        ("Worker exit type: NODE_OUT_OF_MEMORY", ActorDeath("killed by Ray for want of memory on n", outside=False)),
        ("its worker process has died. SYSTEM_ERROR", ActorDeath("its actor was killed on n", outside=True)),
    ],
)
def test_deaths_are_told_apart(text, death):
    assert explain(UnavailableError(text), "n") == death


def test_names_and_places_are_two_sides_of_one_thing(tmp_path):
    files = NodeFiles(tmp_path)
    for name in ("studies/s.models/me/0", "/tmp/refit/model.keras"):
        assert files.name(files.draft(name)) == name
        assert files.draft(name).is_relative_to(tmp_path)
    put(Parcel("a/b", b"c"), files)
    files.clear()
    assert not files.fetch("a/b").exists()


def test_a_checkpoint_travels_when_it_is_new_and_a_model_with_its_result(tmp_path):
    files = NodeFiles(tmp_path)
    named = replace(spec(0), checkpoint="c.npz", model_dir="m")
    put(Parcel("c.npz", b"it came with the group"), files)
    outgoing = Outgoing([named], files)
    scores = Scores((1.0,), (0.5,))
    report = EpochReport("s/0", 1, 1.0, scores, scores, 0.1, 0.1)
    assert outgoing.with_files(report).parcels == ()
    put(Parcel("c.npz", b"further"), files)
    assert outgoing.with_files(report).parcels == (Parcel("c.npz", b"further"),)
    assert outgoing.with_files(report).parcels == ()
    put(Parcel("c.npz", b"the last"), files)
    assert outgoing.with_files(WorkerLost(("s/0",), "killed")).parcels == (Parcel("c.npz", b"the last"),)
    put(Parcel("m/model.keras", b"weights"), files)
    result = TrialResult("s/0", "finished", models=("m/model.keras",))
    assert outgoing.with_files(result).parcels == (Parcel("m/model.keras", b"weights"),)


@pytest.fixture
def pool(monkeypatch):
    pytest.importorskip("ray")
    return RayPool(1, LOCAL_RAY, 2, at_once=False)


def test_a_model_for_which_the_driver_has_no_room_fails_as_on_one_machine(pool, monkeypatch):
    def full(parcel, files):
        raise OSError(errno.ENOSPC, "No space left on device")

    from sweeper.workers.ray.parcels import Said

    monkeypatch.setattr("sweeper.workers.ray.pool.put", full)
    worker = RemoteWorker(None, None, "n", ["s/0"])
    said = Said(TrialResult("s/0", "finished"), (Parcel("m", b""),))
    (event,) = pool._received(worker, said)
    assert (event.status, event.failure.kind) == ("failed", "no room")
    assert event.failure.message == "No space left on device: m"
    assert worker.waiting == []


def test_the_last_worker_of_a_node_deletes_the_folder_and_whoever_comes_what_others_left(tmp_path, monkeypatch):
    monkeypatch.setattr(place.tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{place._PREFIX}dead"
    (left / "worker-1").mkdir(parents=True)
    (left / "lock").touch()
    one, two = place.Place("a"), place.Place("a")
    assert not left.exists()
    other = place.Place("b")
    one.leave()
    assert two.shared.exists()
    two.leave()
    assert not two.shared.exists()
    assert other.shared.exists()
    other.leave()


def test_data_are_unpacked_as_they_were_and_without_the_test_part(tmp_path):
    ray = pytest.importorskip("ray")
    from sweeper.data import load
    from sweeper.workers.ray.delivery import Delivered, Deliveries, unpack

    config = Config(dataset=Dataset("digits"))
    kept = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ray, "put", lambda value: kept.setdefault(id(value), value))
        patch.setattr(ray, "get", lambda value: value)
        deliveries = Deliveries()
        named = spec(0, **config.to_dict())
        delivery = deliveries.of(named)
        assert deliveries.of(replace(named, key="s/1")) is delivery
        unpack(delivery, tmp_path)
    split = load(config.dataset, config.validation)
    found = Delivered(str(tmp_path))(config.dataset, config.validation, False, "")
    assert found.digest == split.digest
    assert (found.train_held == split.train_held).all()
    assert len(found.train_labels) + len(found.validation_labels) == sum(split.sizes.values()) - split.sizes["test"]
    joined = Delivered(str(tmp_path))(config.dataset, config.validation, True, "")
    assert len(joined.train_labels) == len(split.train_labels) + len(split.validation_labels)


def test_who_is_missing_is_said_once_and_again_when_all_are_there(monkeypatch):
    from sweeper.workers.ray import attendance

    monkeypatch.setattr(attendance, "PATIENCE", 0.0)
    roll = attendance.Attendance()
    said = [roll.news(there, 3) for there in (1, 1, 1, 2, 2, 3, 3, 3)]
    assert said[1] == "1 of 3 workers are there; 2 wait for room in the cluster"
    assert said[4] == "2 of 3 workers are there; 1 waits for room in the cluster"
    assert said[6] == "3 of 3 workers are there"
    assert [text for place, text in enumerate(said) if place not in {1, 4, 6}] == [""] * 5


def test_a_token_is_sent_over_ray_where_there_is_one(monkeypatch, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'sweeper[ray]'")
    from sweeper.workers.ray import connection

    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def mode(address):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection.os, "environ", dict(connection.os.environ))
            connection._imported(Cluster(address))
            return connection.os.environ.get("RAY_AUTH_MODE")

    assert mode("ray://head:10001") is None
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("t")
    assert mode("ray://head:10001") == "token"
    assert mode("auto") is None
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    assert mode("ray://head:10001") == "disabled"
