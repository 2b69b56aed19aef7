"""MLflow's server is killed in the middle of a sweep and comes back: training does not wait, and nothing is lost."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sweeper.system.python import module_command
from sweeper.tracking.mlflow.folder import create_database
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.spool import waiting

SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 40

pytestmark = pytest.mark.slow


class Server:
    """MLflow's own, with a database in a folder."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri, self.folder = f"http://127.0.0.1:{self.port}", folder
        create_database(folder / "mlflow.db", folder / "artifacts")

    def start(self):
        store = {
            "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{self.folder}/mlflow.db",
            "MLFLOW_ARTIFACTS_DESTINATION": str(self.folder / "artifacts"),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = module_command("mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        self.process = subprocess.Popen(
            command, env=os.environ | store, cwd=self.folder, start_new_session=True, **quiet
        )
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server does not answer")

    def kill(self):
        os.killpg(self.process.pid, 9)
        self.process.wait()


def test_a_server_that_is_killed_and_comes_back_costs_no_time_and_no_record(tmp_path):
    server, runs = Server(tmp_path), tmp_path / "runs"
    server.start()
    command = [sys.executable, str(SWEEP), str(runs), str(TRIALS), "random", "none", "0.1", "mlflow"]
    address = os.environ | {"MLFLOW_TRACKING_URI": server.uri}
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=address)
    told = 0
    while told < 4:
        told += "number" in json.loads(sweep.stdout.readline())
    server.kill()
    while told < TRIALS:  # the rest of the sweep, without a server
        told += "number" in json.loads(sweep.stdout.readline())
    server.start()
    sweep.communicate(timeout=120)
    assert sweep.returncode == 0
    with MlflowTracker(runs, uri=server.uri, patience=60) as tracker:
        assert tracker.flush() == 0
    server.kill()
    assert waiting(runs / "spool") == 0
    found = MlflowReader(tmp_path).runs()
    assert {run.status for run in found} == {"FINISHED"}
    assert sorted(int(run.tags["number"]) for run in found if run.tags["kind"] == "trial") == list(range(TRIALS))
