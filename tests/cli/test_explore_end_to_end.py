"""A question with everything real: worker processes, TensorFlow, both stores, the sealed split."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from sweeper.data import ledger

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow, pytest.mark.usefixtures("warm")]

ASKED = (
    "explore", "--scientific", "activation=relu,tanh", "--nuisance", "learning_rate=tag(log,interval(0.05,0.5))",
    "--budget", "4", "dataset=digits", "hidden=[20]", "steps=150", "repeats=3", "--test", "--json",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def sweeper(folder, *arguments):
    hidden = ("SWEEPER_RUNS", "SWEEPER_DATA", "MLFLOW_TRACKING_URI")
    clean = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-m", "sweeper", *arguments]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def answered(folder):
    return sweeper(folder, *ASKED)


def test_it_is_answered(answered):
    assert [condition["name"] for condition in answered["conditions"]] == ["relu", "tanh"]
    for condition in answered["conditions"]:
        assert 0.5 < condition["mean"] <= condition["train"] <= 1
        assert condition["seeds"] == 3
        assert 0.05 <= condition["tuned"]["learning_rate"] <= 0.5
        assert condition["test"] == pytest.approx(condition["mean"], abs=0.1)
    assert answered["provenance"]["trials"] == 4 + 6
    assert answered["ledger"].startswith("Test accuracies are of the 1st opening of this test set")


def test_only_the_models_that_are_compared_are_kept(folder, answered):
    assert len(list((folder / "runs" / "artifacts").rglob("model.keras"))) == 6


def test_the_report_is_on_the_study_s_record(folder, answered):
    kept = {path.name for path in (folder / "runs" / "artifacts").rglob("report*")}
    assert {"report", "report.html", "report.md", "report.json"} <= kept


def test_asked_again_it_trains_and_opens_nothing(folder, answered):
    again = sweeper(folder, *ASKED)
    assert again == answered
    assert [entry["event"] for entry in ledger.entries(folder / "runs" / "test-ledger.jsonl")] == ["opened", "result"]
