"""``sweeper tune`` over ``ray://``: a head with Ray's client server on loopback, reached by its port."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from on_ray import skip_unless_asked

pytestmark = pytest.mark.tensorflow
SWEEP = ("dataset=digits", "steps=40", "hidden=[8]", "learning_rate=interval(0.01,0.5)")
OPTIONS = ("--trials", "4", "--sampler", "random", "--pruner", "none", "--confirm", "0", "--seed", "3")


def free_ports(count):
    """Ports of loopback that nobody uses."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def reachable(port, process, timeout=180.0):
    limit = time.monotonic() + timeout
    while time.monotonic() < limit and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.5)
        else:
            return True
    return False


@pytest.fixture(scope="module")
def head():
    """The address of a head's client server."""
    skip_unless_asked()
    own, client = free_ports(2)
    command = [Path(sys.executable).with_name("ray"), "start", "--head", "--block", "--node-ip-address", "127.0.0.1"]
    command += ["--port", str(own), "--ray-client-server-port", str(client), "--num-cpus", "2"]
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    process = subprocess.Popen(
        [*command, "--include-dashboard", "false"],
        env=os.environ | quiet,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert reachable(client, process)
        yield f"ray://127.0.0.1:{client}"
    finally:
        process.terminate()
        process.wait(60)


def tune(runs, *more):
    """The document of a sweep, which has standard output for itself, and what it said beside."""
    command = [sys.executable, "-m", "sweeper", "tune", *SWEEP, *OPTIONS, "--study", "s", "--runs", str(runs), "--json"]
    ended = subprocess.run([*command, *more], capture_output=True, text=True, check=False, timeout=400)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return json.loads(ended.stdout), ended.stderr


def test_a_sweep_over_the_client_server_is_the_sweep_of_this_machine(head, tmp_path):
    there, said = tune(tmp_path / "there", "--cluster", head)
    here, _ = tune(tmp_path / "here")
    assert there["trials"] == here["trials"]
    assert there["trials"]["finished"] == 4
    assert there["best"] == here["best"]
    assert "(raylet)" not in said
    assert list((tmp_path / "there").rglob("model.keras"))
    more, _ = tune(tmp_path / "there", "--cluster", head, "--trials", "6")
    assert more["trials"]["finished"] == 6


def test_doctor_names_its_node(head):
    command = [sys.executable, "-m", "sweeper", "doctor", "--cluster", head, "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    document = json.loads(ended.stdout)
    assert document["problems"] == []
    assert [node["cpus"] for node in document["nodes"]] == [2]
