"""``sweeper results`` as it is typed."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from sweeper.cli.app import invoke
from sweeper.config.schema import Config
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Failure, Scores, TrialResult


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A study of three trials."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch, MlflowTracker(folder, uri=f"sqlite:///{folder}/mlflow.db") as tracker:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        tracker.open_study("s", {})
        for number, accuracy in enumerate((0.5, 0.9, 0.7)):
            scores = Scores((1 - accuracy,), (accuracy,))
            result = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0})
            config = Config(learning_rate=0.1 * (number + 1)).to_dict()
            tracker.record(RunRecord(f"t{number}", config, [], [], result, 1.0, 2.0, "s", number))
        tracker.close_study("s", "finished", {})
    return folder


@pytest.fixture
def typed(runs, monkeypatch, capfd):
    """Runs the command over those runs; exit code, standard output, standard error."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("SWEEPER_RUNS", str(runs))

    def run(*arguments):
        code = invoke(["results", *arguments])
        out = capfd.readouterr()
        return code, out.out, out.err

    return run


def test_a_table_with_the_best_first(typed):
    code, out, err = typed("s", "--sort", "validation.accuracy", "--limit", "2")
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert "learning_rate" in head
    assert [line.split()[0] for line in lines[:2]] == ["1", "2"]
    assert lines[2:] == [] or lines[2].startswith("not shown: ")


def test_json_is_a_list_of_flat_rows(typed):
    code, out, err = typed("--json")
    found = json.loads(out)
    assert (code, err, len(found)) == (0, "", 3)
    assert found[1]["validation.accuracy"] == 0.9
    assert not any(isinstance(value, list | dict) for row in found for value in row.values())
    assert json.loads(typed("--format", "json")[1]) == found


def test_files_are_not_replaced_unasked(typed, tmp_path):
    file = tmp_path / "out.parquet"
    assert typed("--output", str(file))[:2] == (0, f"3 rows in {file}\n")
    assert pd.read_parquet(file)["validation.accuracy"].tolist() == [0.5, 0.9, 0.7]
    code, out, err = typed("--output", str(file), "--json")
    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["key"] == "--output"
    assert typed("--output", str(file), "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("t",), "no such study"),
        (("--sort", "validation.acc"), "did you mean validation.accuracy"),
        (("--format", "cvs"), "did you mean csv"),
        (("--format", "parquet"), "--output"),
        (("--limit", "0"), "--limit"),
        (("--output", "/no/such/folder/x.csv"), "no folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(typed, arguments, says):
    code, out, err = typed(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_nothing_recorded_yet(typed, monkeypatch, tmp_path):
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path))
    assert typed()[1].startswith("No runs are recorded yet")
    assert typed("--json")[1] == "[]\n"
    assert list(tmp_path.iterdir()) == []


def test_a_study_without_a_record_is_named(typed, monkeypatch, tmp_path):
    monkeypatch.setattr("sweeper.tracking.run_rows.rows", lambda *_: [])
    assert "No trial of the study s is recorded yet" in typed("s")[1]


def test_what_waits_is_mentioned(typed, monkeypatch, tmp_path):
    tracker = MlflowTracker(tmp_path, uri="http://127.0.0.1:9", patience=0.1)
    tracker.open_study("s", {})
    tracker.close()
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path))
    code, _, err = typed()
    assert code == 0
    assert "2 entries wait" in err


def test_why_trials_failed_stands_beside_them(tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    scores, why = Scores((0.1,), (0.9,)), Failure("diverged", "the loss is nan at step 3", 3)
    with MlflowTracker(tmp_path, uri=f"sqlite:///{tmp_path}/mlflow.db") as tracker:
        for number, result in enumerate(
            (TrialResult("a", "finished", 9, scores, scores), TrialResult("b", "failed", 3))
        ):
            failed = replace(result, failure=why) if result.status == "failed" else result
            tracker.record(RunRecord(f"t{number}", Config().to_dict(), [], [], failed, 1.0, 2.0, "s", number))
    monkeypatch.setenv("COLUMNS", "160")
    assert invoke(["results", "s", "--runs", str(tmp_path)]) == 0
    head, *lines = capfd.readouterr().out.splitlines()
    assert "failure.message" in head.split()
    assert ["the loss is nan at step 3" in line for line in lines[:2]] == [False, True]
