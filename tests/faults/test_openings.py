"""A process that is killed as soon as the ledger has a result: asked again, report and record are completed from it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweeper.data import ledger
from sweeper.jobs.shared.opening import LEDGER
from tests.old_runs import RUN, unpack

KILLED = """
import os, signal, sys
from sweeper.data import ledger

real = ledger.append
def append(path, fields):
    entry = real(path, fields)
    if fields["event"] == "result":
        os.kill(os.getpid(), signal.SIGKILL)
    return entry
ledger.append = append

from sweeper.cli.app import main
main(sys.argv[1:])
"""


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
@pytest.mark.slow
def test_a_test_that_was_killed_after_the_ledgers_result_is_completed_when_it_is_asked_again(tmp_path):
    runs = unpack(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}

    def python(*words):
        command = [sys.executable, *words, "--runs", str(runs)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=300)

    assert python("-c", KILLED, "test", RUN).returncode == -signal.SIGKILL
    assert not (runs / "reports").exists()
    before = ledger.entries(runs / LEDGER)
    assert [entry["event"] for entry in before] == ["opened", "result"]

    again = json.loads(python("-m", "sweeper", "test", RUN, "--json").stdout)["test"]
    assert again["opened"] is False
    assert ledger.entries(runs / LEDGER) == before
    assert Path(again["report"]["html"]).exists()
    row = next(row for row in json.loads(python("-m", "sweeper", "results", "--json").stdout) if row["run_id"] == RUN)
    assert (row["test.accuracy"], row["test.opening"]) == (again["accuracy"], 1)
