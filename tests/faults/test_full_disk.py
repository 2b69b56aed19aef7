"""A disk that is full at every kind of write: what was there is there, it is said in one line, and it goes on later.

The study's database is in ``test_limits.py``, standard output in ``tests/cli/test_boundary.py``.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WRITES = Path(__file__).with_name("full_disk.py")
FULL = "No space left on device"


def mounts():
    """Whether a tmpfs of our own can be mounted here."""
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(probe, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not mounts(), reason="no file system can be mounted here")


def on_a_small_disk(folder, size, script, *arguments):
    """Run a shell script with a small disk mounted at a folder, which is its first argument."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = f'mount -t tmpfs -o size={size} none "$1"\n{script}'
    clean = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", whole, "sh", str(folder), *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=200, env=clean | {"RUNS": str(folder.parent)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said", "found"),
    [
        ("checkpoint", FULL, [0, 0, 2]),
        ("ledger", "the ledger", [[0], [0], [0, 2]]),
        ("report", FULL, [[0, []], [0, []], [2, []]]),
        ("table", FULL, [["0", []], ["0", []], ["2", []]]),
        ("data", FULL, [["0.gz"], ["0.gz"], ["0.gz", "2.gz"]]),
        ("place", FULL, [[0], [0], [0, 2]]),
        ("study", "full", [[["s0"], []], [["s0", "s1"], []], [["s0", "s1", "s2"], []]]),
        ("artifact", FULL, [[[0], ["0"]], [[0], ["0", "1"]], [[0, 1, 2], ["0", "1", "2"]]]),
        ("record", "could be written neither to MLflow", [["0"], ["0"], ["0", "2"]]),
    ],
)
def test_a_write_on_a_full_disk_is_said_and_costs_nothing_that_was_there(tmp_path, kind, said, found):
    done = on_a_small_disk(tmp_path / "artifacts", "20m", '"$2" "$3" "$4" "$1"', sys.executable, WRITES, kind)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert said in document["said"]
    assert document["found"] == found


@pytest.mark.tensorflow
@pytest.mark.slow
def test_trained_models_that_find_no_room_stop_the_sweep_and_it_goes_on_to_exactly_as_many_trials(tmp_path):
    """Each model has 13 MB. That there was no room is held against no trial."""
    script = """
        runs="$1"; shift
        "$@"; echo "code $?"
        mount -o remount,size=300m none "$runs" && "$@"; echo "code $?"
    """
    asked = [
        "dataset=digits",
        "steps=20",
        "space=none",
        "hidden=[3000,1000]",
        "learning_rate=0.1,0.2,0.3",
        "--sampler",
        "grid",
    ]
    command = [
        sys.executable,
        "-m",
        "sweeper",
        "tune",
        *asked,
        "-n",
        "3",
        "--workers",
        "1",
        "--pruner",
        "none",
        "--confirm",
        "0",
        "--json",
    ]
    runs = tmp_path / "runs"
    done = on_a_small_disk(runs, "20m", script, *command, "--runs", runs)
    first, second = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    assert [line for line in done.stdout.splitlines() if line.startswith("code")] == ["code 1", "code 0"]
    assert "Traceback" not in done.stderr
    assert FULL.lower() in first["error"]["message"].lower()
    assert "room" in first["error"]["hint"] or "goes on" in first["error"]["hint"]
    assert second["trials"] == {"requested": 3, "finished": 3, "pruned": 0, "failed": 0, "repeated": 0}
