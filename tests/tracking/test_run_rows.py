from __future__ import annotations

import math
import shutil
import sqlite3
import statistics
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sweeper
from sweeper.config.schema import Config
from sweeper.errors import InputError, SweeperError
from sweeper.tracking import RunRecord, open_reader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.run_rows import overview, rows, sort
from sweeper.trial import Failure, Scores

Make = Callable[..., RunRecord]


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, make: Make) -> Path:
    """Runs made once: a single run with three seeds, and a study with a trial of each kind."""
    folder = tmp_path_factory.mktemp("recorded")
    three = Scores((0.1, 0.2, 0.6), (0.9, 0.8, 0.4))
    config = Config(hidden=(100, 30), repeats=3).to_dict()
    failure = Failure("NonFiniteLoss", "the loss became NaN", 60)
    with MlflowTracker(folder) as tracker:
        tracker.record(make("single", config=config, train=three, validation=three))
        tracker.open_study("tanh-sweep", {"sampler": "tpe"})
        for number, rate in enumerate((0.1, 0.3)):
            scores = Scores((0.5 - rate,), (0.5 + rate,))
            trial = Config(learning_rate=rate, batch_size="full" if number else 100).to_dict()
            tracker.record(make("trial", study="tanh-sweep", number=number, config=trial, validation=scores))
        tracker.record(make("pruned", study="tanh-sweep", number=2, status="pruned", train=None))
        tracker.record(
            make("bad", study="tanh-sweep", number=3, status="failed", train=None, validation=None, failure=failure)
        )
        tracker.close_study("tanh-sweep", "finished", {})
    return folder


def test_a_row_for_each_run_and_trial_but_none_for_the_study(recorded: Path) -> None:
    found = rows(open_reader(recorded))
    assert [(row["kind"], row["study"], row["number"], row["status"]) for row in found] == [
        ("run", "", None, "finished"),
        ("trial", "tanh-sweep", 0, "finished"),
        ("trial", "tanh-sweep", 1, "finished"),
        ("trial", "tanh-sweep", 2, "pruned"),
        ("trial", "tanh-sweep", 3, "failed"),
    ]
    assert len({tuple(row) for row in found}) == 1


def test_every_config_key_is_a_column(recorded: Path) -> None:
    row = rows(open_reader(recorded))[0]
    assert row["hidden"] == "[100, 30]"
    assert row["optimizer.name"] == "sgd"
    assert row["learning_rate"] == 0.1
    assert row["steps"] == 5000
    assert row["epochs"] is None
    assert row["steps_done"] == 100


def test_scores_are_those_of_the_whole_split_with_their_spread(recorded: Path) -> None:
    row = rows(open_reader(recorded))[0]
    assert row["validation.accuracy"] == pytest.approx(0.7)
    assert row["validation.accuracy.std"] == pytest.approx(statistics.stdev([0.9, 0.8, 0.4]))
    assert row["train.loss.std"] == pytest.approx(statistics.stdev([0.1, 0.2, 0.6]))
    assert rows(open_reader(recorded))[1]["validation.accuracy.std"] is None


def test_running_means_are_not_passed_off_as_scores(recorded: Path) -> None:
    pruned, failed = rows(open_reader(recorded), "tanh-sweep")[2:]
    assert pruned["train.accuracy"] is None
    assert pruned["validation.accuracy"] == 0.9
    assert failed["train.loss"] is None
    assert failed["validation.loss"] == 0.25
    assert failed["failure.message"] == "the loss became NaN"


def test_the_python_api_gives_a_frame(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEPER_RUNS", str(recorded))
    frame = sweeper.results("tanh-sweep")
    assert frame["validation.accuracy"].max() == 0.9
    assert frame["number"].tolist() == [0, 1, 2, 3]
    assert isinstance(frame["started"].dtype, pd.DatetimeTZDtype)
    assert len(sweeper.results(runs=recorded)) == 5


def test_an_unknown_study_names_the_nearest(recorded: Path) -> None:
    with pytest.raises(InputError, match=r"did you mean tanh-sweep\?"):
        rows(open_reader(recorded), "tanhsweep")


def test_no_record_is_no_error_but_a_study_in_it_is(tmp_path: Path) -> None:
    assert rows(open_reader(tmp_path)) == []
    assert len(sweeper.results(runs=tmp_path)) == 0
    with pytest.raises(InputError, match="none is recorded"):
        rows(open_reader(tmp_path), "s")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_record_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"SQLite format 3\x00" + b"junk" * 2000)
    with pytest.raises(SweeperError, match="cannot be read"):
        rows(open_reader(tmp_path))
    (tmp_path / "mlflow.db").write_bytes(b"")
    with pytest.raises(SweeperError, match="no such table"):
        rows(open_reader(tmp_path))


def test_a_read_only_record_can_be_read(recorded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(recorded / "mlflow.db", copy)
    with closing(sqlite3.connect(copy / "mlflow.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (copy / "mlflow.db").chmod(0o444)
    copy.chmod(0o555)
    try:
        assert len(rows(open_reader(copy))) == 5
    finally:
        copy.chmod(0o755)


def test_the_best_accuracy_comes_first(recorded: Path) -> None:
    found = rows(open_reader(recorded), "tanh-sweep")
    assert [row["number"] for row in sort(found, "validation.accuracy")][:2] == [2, 3]
    assert next(row["number"] for row in sort(found, "validation.loss")) == 1
    assert [row["number"] for row in sort(found, "number", reverse=True)] == [3, 2, 1, 0]
    assert [row["train.loss"] is None for row in sort(found, "train.loss")] == [False, False, True, True]
    assert [row["train.loss"] is None for row in sort(found, "train.loss", reverse=True)][-1]


def test_a_column_that_is_not_there_names_the_nearest(recorded: Path) -> None:
    with pytest.raises(InputError, match=r"did you mean validation\.accuracy"):
        sort(rows(open_reader(recorded)), "validation.acuracy")


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(), st.text(), st.booleans()), max_size=8))
def test_sorting_keeps_every_row_whatever_is_in_it(values: list[object]) -> None:
    table = [{"x": value, "id": place} for place, value in enumerate(values)]
    ordered = sort(table, "x") if table else []
    assert sorted(row["id"] for row in ordered) == list(range(len(values)))
    gaps = [row["x"] is None or row["x"] != row["x"] for row in ordered]
    assert gaps == sorted(gaps)


def test_the_overview_shows_what_differs(recorded: Path) -> None:
    columns, lines = overview(rows(open_reader(recorded), "tanh-sweep")[:2])
    assert columns[:2] == ["number", "status"]
    assert {"learning_rate", "batch_size"} <= set(columns)
    assert "optimizer.name" not in columns
    assert len(lines) == 2
    assert overview([]) == ([], [])


def test_the_steps_are_shown_where_some_stopped_early() -> None:
    shared = {"study": "s", "number": 0, "status": "finished", "validation.loss": 0.1, "run_id": "r" * 32}
    table = [shared | {"steps_done": 400}, shared | {"steps_done": 120}]
    columns, lines = overview(table)
    assert [line[columns.index("steps_done")] for line in lines] == [400, 120]
    assert "steps_done" not in overview([table[0], table[0], shared | {"steps_done": None}])[0]


def test_a_list_is_shown_as_it_is_typed() -> None:
    shared = {"study": "s", "number": 0, "status": "finished", "run_id": "0123456789"}
    columns, lines = overview([shared | {"hidden": "[50, 30]"}, shared | {"hidden": '["tanh", "relu"]'}])
    assert [line[columns.index("hidden")] for line in lines] == ["[50,30]", "[tanh,relu]"]


def test_a_test_number_stands_beside_the_opening_that_it_is_of(tmp_path: Path, make: Make) -> None:
    with MlflowTracker(tmp_path) as tracker:
        tracker.update(tracker.record(make("a")), metrics={"test.accuracy": 0.9}, tags={"test.opening": "5"})
        before = {"final/test.accuracy": 0.8, "final/test.look": 4.0}  # as earlier versions recorded it
        tracker.update(tracker.record(make("b")), metrics=before)
        tracker.record(make("c"))
    columns, lines = overview(rows(open_reader(tmp_path)))
    place = columns.index("test.accuracy")
    assert columns[place - 1] == "test.opening"
    assert sorted((line[place], line[place - 1]) for line in lines if line[place]) == [(0.8, 4), (0.9, 5)]


def test_values_that_are_not_finite_come_back(tmp_path: Path, make: Make) -> None:
    with MlflowTracker(tmp_path) as tracker:
        tracker.record(make("a", train=Scores((math.nan, 1.0), (0.1, 0.1)), validation=Scores((math.inf,), (0.1,))))
    row = rows(open_reader(tmp_path))[0]
    assert math.isnan(row["train.loss"])
    assert row["validation.loss"] == math.inf
