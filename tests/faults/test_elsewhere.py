"""Processes killed on another machine that has the same volume: what goes on here, and what cannot be known.

Namespaces make the machine: process ids and a host name of its own (as a container has), or a host name alone.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from spoken import Spoken
from trainings import EVERY, Training, await_step, gone_on_from

from sweeper.study.cleanup import release
from sweeper.study.study_record import load_study
from sweeper.system import process as system_process
from sweeper.system.process import SILENCE
from sweeper.tracking.run_rows import results
from sweeper.tracking.spool import list_waiting, waiting

SWEEP = Path(__file__).with_name("sweep.py")
CONTAINER = ("unshare", "-rpuf", "--kill-child", "--mount-proc", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh")
RENAMED = ("unshare", "-ru", "sh", "-c", 'hostname renamed; exec "$@"', "sh")

WAITING = """
import os, signal, sys
from pathlib import Path
from sweeper.config.schema import Config
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Scores, TrialResult
tracker = MlflowTracker(Path(sys.argv[1]), uri="http://127.0.0.1:9", patience=0.5)
scores = Scores((0.5,), (0.5,))
result = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0})
tracker.record(RunRecord("mine", Config().to_dict(), [], [], result, 1.0, 2.0))
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A run whose record waits, as MLflow's server is away when its process is killed."""


def _works():
    return bool(shutil.which("unshare")) and not subprocess.run([*CONTAINER, "true"], check=False).returncode


pytestmark = pytest.mark.skipif(not _works(), reason="no namespaces can be made here")


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize(("prefix", "seen"), [(CONTAINER, False), (RENAMED, True)])
def test_a_run_that_was_killed_elsewhere_goes_on_from_its_checkpoint(tmp_path, prefix, seen, whole_run, kept_workers):
    runs = tmp_path / "killed"
    killed = Training("run", runs, EVERY, prefix=prefix).process
    reached = await_step(runs / "checkpoints", 2_000)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    again, notes = Training("run", runs, EVERY, env=kept_workers).end()
    assert [step >= reached for step in gone_on_from(notes)] == [True]
    assert any("on elsewhere, which cannot be seen from here" in note for note in notes) is not seen
    assert list((runs / "checkpoints").iterdir()) == []
    assert again == whole_run


def doctor(runs, *more):
    """What doctor says, with a record and a folder for temporary files of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    temporary = runs.with_name(f"{runs.name}-tmp")
    temporary.mkdir(exist_ok=True)
    environment["TMPDIR"] = str(temporary)
    command = [sys.executable, "-m", "sweeper", "doctor", "--json", "--runs", str(runs), *more]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
    return json.loads(ended.stdout)


def test_a_record_that_waits_elsewhere_is_named_and_written_when_a_person_says_that_its_machine_is_gone(tmp_path):
    subprocess.run([*CONTAINER, sys.executable, "-c", WAITING, str(tmp_path)], check=False)
    said = doctor(tmp_path, "--fix")
    assert [(each["host"], each["has"]) for each in said["unseen"]] == [
        ("elsewhere", "MLflow: 1 entry waits to be written")
    ]
    assert "sweeper doctor --fix --gone elsewhere" in said["unseen"][0]["message"]
    assert said["mended"] == []
    assert waiting(tmp_path / "spool") == 1
    said = doctor(tmp_path, "--fix", "--gone", "elsewhere")
    assert said["mended"] == ["MLflow: 1 entry waits to be written"]
    assert said["unseen"] == []
    assert waiting(tmp_path / "spool") == 0
    assert list(results(runs=tmp_path)["name"]) == ["mine"]


def test_a_record_that_waits_where_nobody_was_heard_of_for_long_is_written(tmp_path):
    subprocess.run([*CONTAINER, sys.executable, "-c", WAITING, str(tmp_path)], check=False)
    [folder] = (tmp_path / "spool").iterdir()
    os.utime(folder, (time.time() - SILENCE - 5,) * 2)
    assert doctor(tmp_path, "--fix")["mended"] == ["MLflow: 1 entry waits to be written"]
    assert list_waiting(tmp_path / "spool") == []


def test_trials_of_a_driver_elsewhere_are_left_to_it_until_a_person_says_that_it_is_gone(tmp_path, monkeypatch):
    driver = Spoken([*CONTAINER, sys.executable, str(SWEEP), str(tmp_path), "30", "random", "none", "1"])
    for _ in range(3):
        driver.hear()
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    assert load_study(tmp_path, "s").abandoned == []
    [(lease, trials)] = load_study(tmp_path, "s").unseen
    assert (lease.process.host, trials > 0) == ("elsewhere", True)
    monkeypatch.setattr(system_process, "_GONE", {"elsewhere"})
    assert len(load_study(tmp_path, "s").abandoned) == trials
    release(tmp_path, "s")
    monkeypatch.setattr(system_process, "_GONE", set())
    assert load_study(tmp_path, "s").unseen == []
