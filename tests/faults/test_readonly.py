"""A runs folder on a file system that is mounted read-only: what only reads works, what writes is refused at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweeper.config.schema import Config
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Scores, TrialResult

SWEEP = Path(__file__).with_name("sweep.py")
ENDED = 12
MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$2" && shift 2 && exec "$@"'


def read_only(folder, *command):
    """Run a command beside a runs folder that it finds mounted read-only."""
    mounted = ["unshare", "-rm", "sh", "-c", MOUNT, "sh", str(folder / "runs"), str(folder)]
    own = os.environ | {"TMPDIR": str(folder)}  # doctor looks there, and other tests kill what has temporary files
    command = [*mounted, *map(str, command)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=own)


def mounts(folder):
    """Whether something can be mounted read-only here, for root as well."""
    (folder / "runs").mkdir(exist_ok=True)
    return shutil.which("unshare") and read_only(folder, "sh", "-c", "! touch runs/x 2>/dev/null").returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a study whose driver was killed, so that its last trials are in the database's log, and a recorded run."""
    folder = tmp_path_factory.mktemp("read-only")
    if not mounts(folder):
        pytest.skip("no file system can be mounted read-only here")
    runs = folder / "runs"
    with pytest.MonkeyPatch.context() as patched, MlflowTracker(runs) as tracker:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        scores = Scores((0.5,), (0.5,))
        result = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0})
        tracker.record(RunRecord("alone", Config().to_dict(), [], [], result, 1.0, 2.0))
    command = [sys.executable, str(SWEEP), str(runs), "400", "random", "none", "0.01"]
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = 0
    while told < ENDED:
        told += "number" in json.loads(driver.stdout.readline())
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    assert (runs / "studies" / "s.db-wal").stat().st_size
    return folder


def typed(folder, *words):
    return read_only(folder, sys.executable, "-m", "sweeper", *words)


def test_results_are_read(folder):
    done = typed(folder, "results", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["name"] for row in json.loads(done.stdout)] == ["alone"]
    assert typed(folder, "results", "--output", "table.csv").returncode == 0
    assert (folder / "table.csv").read_text().count("\n") == 2


def test_nothing_that_is_in_the_databases_log_is_left_out(folder):
    read = "from pathlib import Path; from sweeper.study.study_record import load_study; import sys"
    count = f"{read}; print(len(load_study(Path('runs'), 's').trials))"
    done = read_only(folder, sys.executable, "-c", count)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= ENDED


@pytest.mark.parametrize("words", [["data", "list"], ["explore", "--list"]])
def test_what_needs_no_record_works(folder, words):
    assert typed(folder, *words).returncode == 0


@pytest.mark.parametrize("more", [[], ["--fix"]])
def test_doctor_says_what_it_is(folder, more):
    done = typed(folder, "doctor", "--json", *more)
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert "the folder runs cannot be written: its file system is mounted read-only" in document["problems"]
    assert document["mlflow"]["runs"] == 1
    [study] = document["studies"]
    assert study["ok"]
    assert study["trials"] >= ENDED
    assert document["mended"] == []


@pytest.mark.parametrize(
    "words",
    [
        ["run", "dataset=digits", "steps=5"],
        ["tune", "dataset=digits", "steps=5", "-n", "2"],
        ["explore", "--scientific", "learning_rate=0.3,0.1", "dataset=digits", "steps=5"],
        ["compare", "s:0", "s:1"],
        ["compare", "activation=relu", "activation=tanh", "--repeats", "2"],
        ["report", "s"],
        ["reproduce", "alone"],
        ["test", "alone"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_writes_is_refused_at_once(folder, words):
    before = sorted(folder.rglob("*"))
    done = typed(folder, *words)
    assert done.returncode == 2
    assert done.stderr == (
        "error: the folder runs cannot be written: its file system is mounted read-only (name another with --runs)\n"
    )
    assert sorted(folder.rglob("*")) == before
