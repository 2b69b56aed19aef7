"""The main job with everything real: worker processes, TensorFlow, Optuna's and MLflow's stores."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def sweeper(folder, *arguments):
    """The command in a process of its own; what it said, its document, and that nothing is left behind."""
    hidden = ("SWEEPER_RUNS", "SWEEPER_DATA", "MLFLOW_TRACKING_URI")
    clean = {name: value for name, value in os.environ.items() if name not in hidden}
    clean["TMPDIR"] = str(folder)  # doctor looks there, and other tests kill what has temporary files
    done = subprocess.run(
        [sys.executable, "-m", "sweeper", *arguments, "--json"],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done, json.loads(done.stdout)


def query(folder, statement):
    with closing(sqlite3.connect(folder / "runs" / "mlflow.db")) as database:
        return database.execute(statement).fetchall()


SMALL = ("dataset=digits", "hidden=[20]", "steps=60")


@pytest.fixture(scope="module")
def ran(folder):
    done, document = sweeper(folder, "run", *SMALL, "repeats=2", "--test")
    assert done.returncode == 0, done.stderr
    return document


def test_a_run_trains_and_is_recorded(folder, ran):
    assert ran["train"]["accuracy"] > 0.5
    assert ran["validation"]["accuracy"] == pytest.approx(sum(ran["validation"]["per_seed"]) / 2)
    assert query(folder, f"SELECT status FROM runs WHERE run_uuid = '{ran['run_id']}'") == [("FINISHED",)]
    artifacts = folder / "runs" / "artifacts"
    names = {path.name for path in artifacts.rglob("*")}
    assert {"model.keras", "learning_curves.png", "config.yaml"} <= names
    assert len(list(artifacts.rglob("model.keras"))) == 2


def test_another_process_reproduces_it_to_the_last_bit(folder, ran):
    done, document = sweeper(folder, "reproduce", ran["run_id"])
    assert done.returncode == 0, done.stderr
    assert document["identical"]
    assert document["compared"]["weights"]
    assert document["circumstances"] == []


def test_the_test_split_was_opened_once(folder, ran):
    assert ran["test"]["openings"] == 1
    assert ran["test"]["accuracy"] > 0.5
    lines = [json.loads(line) for line in (folder / "runs" / "test-ledger.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["opened", "result"]
    assert {line["run"] for line in lines} == {ran["run_id"]}
    assert query(folder, "SELECT count(*) FROM latest_metrics WHERE key = 'test.accuracy'") == [(1,)]


def test_the_same_command_gives_the_same_numbers(folder, ran):
    _, again = sweeper(folder, "run", *SMALL, "repeats=2")
    assert again["run_id"] != ran["run_id"]
    for part in ("train", "validation"):
        assert {**again[part]} == {**ran[part]}
    assert again["test"] is None


def test_a_search_goes_on_and_leaves_nothing_running(folder):
    words = ("tune", *SMALL, "l2=0", "--space", "small", "--workers", "1", "--pruner", "none")
    done, first = sweeper(folder, *words, "--trials", "2", "--confirm", "0")
    assert done.returncode == 0, done.stderr
    _, more = sweeper(folder, *words, "--trials", "3")
    assert (first["trials"]["finished"], more["trials"]["finished"]) == (2, 3)
    assert more["study"] == first["study"]
    assert {trial["number"] for trial in first["top"]} < {trial["number"] for trial in more["top"]}
    assert query(folder, "SELECT count(*) FROM runs WHERE status = 'RUNNING'") == [(0,)]
    _, rows = sweeper(folder, "results", first["study"])
    assert sorted(row["number"] for row in rows) == [0, 1, 2]
    done, health = sweeper(folder, "doctor")
    assert (done.returncode, health["problems"]) == (0, [])
