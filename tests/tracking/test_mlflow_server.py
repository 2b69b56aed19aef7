"""With a real MLflow server: one that comes late, and its files by way of HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sweeper.system.python import module_command
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.folder import create_database
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.spool import waiting

pytestmark = pytest.mark.slow
Make = Callable[..., RunRecord]


@dataclass
class Server:
    """A server that does not run yet."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        create_database(self.folder / "mlflow.db", self.folder / "artifacts")
        environment = {
            **os.environ,
            "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{self.folder}/mlflow.db",
            "MLFLOW_ARTIFACTS_DESTINATION": str(self.folder / "artifacts"),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        self.process = subprocess.Popen(
            module_command(
            "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"
        ), env=environment, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made = Server(tmp_path_factory.mktemp("server"), probe.getsockname()[1])
    yield made
    if made.process is not None:
        made.process.terminate()
        made.process.wait(20)


def test_a_server_that_comes_late_gets_everything(server: Server, make: Make, tmp_path: Path) -> None:
    model = tmp_path / "m.keras"
    model.write_bytes(b"weights")
    with MlflowTracker(tmp_path / "runs", uri=server.uri, patience=120) as tracker:
        tracker.open_study("it's s", {"sampler": "tpe"})
        trial = tracker.record(make("t", study="it's s", number=0, models=(str(model),)))
        tracker.update(trial, metrics={"test.accuracy": 0.5})
        tracker.record(make("single", interrupted="Ctrl-C"))
        server.start()
        tracker.close_study("it's s", "finished", {"best": 0.9})
        assert tracker.flush() == 0
        assert tracker.trouble == ""
        assert tracker.recorded("it's s") == {0: trial.result()}
        assert tracker.reconcile() == []
    assert waiting(tmp_path / "runs" / "spool") == 0
    assert not model.exists()
    assert next(server.folder.glob("artifacts/**/model.keras")).read_bytes() == b"weights"
    assert next(server.folder.glob("artifacts/**/overrides.txt")).read_text() == "learning_rate=0.1\n"


def test_both_ways_of_reading_agree(server: Server) -> None:
    over_http = MlflowReader(server.folder, uri=server.uri)
    from_file = MlflowReader(server.folder, uri=f"sqlite:///{server.folder}/mlflow.db")
    assert len(over_http.runs()) == 3
    for which in ({}, {"study": "it's s"}, {"status": "KILLED"}, {"ref": "it's s:0"}, {"study": "none"}):
        assert over_http.runs(**which) == from_file.runs(**which)
        assert over_http.runs(**which, deleted=None) == from_file.runs(**which, deleted=None)
    run = over_http.runs(ref="it's s:0")[0]
    assert over_http.curves(run) == from_file.curves(run)
    assert over_http.experiments() == from_file.experiments()
    assert not over_http.deleted


def test_results_come_from_the_server_too(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sweeper

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    frame = sweeper.results("it's s", runs=tmp_path)
    assert frame["validation.accuracy"].tolist() == [0.9]
    assert list(tmp_path.iterdir()) == []


def test_a_second_tracker_goes_on(server: Server, make: Make, tmp_path: Path) -> None:
    with MlflowTracker(tmp_path, uri=server.uri) as tracker:
        tracker.open_study("it's s", {})
        again = tracker.record(make("again", study="it's s", number=0))
        tracker.record(replace(make("new", study="it's s", number=1), tags={"x": "y"}))
        tracker.flush()
        assert sorted(tracker.recorded("it's s")) == [0, 1]
        assert tracker.recorded("it's s")[0] == again.result()


def test_a_study_and_a_run_get_other_names_there(server: Server, make: Make, tmp_path: Path) -> None:
    reader = MlflowReader(tmp_path, uri=server.uri)
    before = {run.run_id for run in reader.runs(study="it's s")}
    with MlflowTracker(tmp_path, uri=server.uri) as tracker:
        alone = tracker.record(make("alone")).result()
        tracker.rename_study("it's s", "renamed", deleted=False)
        tracker.rename_run(alone, "by its name")
    assert reader.runs(study="it's s") == []
    renamed = reader.runs(study="renamed")
    assert {run.run_id for run in renamed} == before
    assert not [run for run in renamed if "it's s" in " ".join([run.name, run.tags["study"], run.tags["sweeper.ref"]])]
    [found] = reader.runs(called="by its name")
    assert found.run_id == alone


def test_nothing_is_printed_over_http(server: Server, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from sweeper.trial import TrialResult
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
with MlflowTracker(Path(sys.argv[1]), uri=sys.argv[2]) as tracker:
    tracker.record(RunRecord("a", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0))
    assert tracker.flush() == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), server.uri], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
