"""What is deleted or renamed in MLflow's own pages: deletions are respected, said, and undone by one command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.jobs.doctor import examine
from sweeper.study.session import recording
from sweeper.tracking import RunRecord, open_reader, open_tracker
from sweeper.tracking.deletions import deleted_note
from sweeper.tracking.describe import EXPERIMENT
from sweeper.tracking.mlflow.client_rows import connect
from sweeper.tracking.recorded import find_run
from sweeper.tracking.run_rows import rows
from sweeper.tracking.spool import waiting

pytestmark = pytest.mark.usefixtures("own_temporary_files")

Make = Callable[..., RunRecord]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make) -> Path:
    """A runs folder with a study of two trials and a run."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with open_tracker(tmp_path) as tracker:
        tracker.open_study("s", {})
        for number in (0, 1):
            tracker.record(make(f"s/{number}", study="s", number=number, config=Config().to_dict()))
        tracker.record(make("alone", config=Config().to_dict()))
        tracker.close_study("s", "finished", {})
    return tmp_path


def mlflow(runs: Path):
    return connect(f"sqlite:///{runs}/mlflow.db")


def experiment(runs: Path) -> str:
    return str(mlflow(runs).get_experiment_by_name(EXPERIMENT).experiment_id)


def names(runs: Path) -> set[str]:
    return {run.name for run in open_reader(runs).runs()}


def query(runs: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(runs / "mlflow.db")) as database, database:
        return database.execute(statement).fetchall()


def test_a_renamed_experiment_is_read_and_written(runs: Path, make: Make) -> None:
    mlflow(runs).rename_experiment(experiment(runs), "my runs")
    assert names(runs) == {"s", "s/0", "s/1", "alone"}
    with open_tracker(runs) as tracker:
        tracker.record(make("later"))
    assert names(runs) == {"s", "s/0", "s/1", "alone", "later"}
    assert query(runs, "SELECT name FROM experiments ORDER BY 1") == [("Default",), ("my runs",)]


def test_one_that_was_renamed_before_it_was_marked(runs: Path, make: Make) -> None:
    query(runs, "DELETE FROM experiment_tags")
    mlflow(runs).rename_experiment(experiment(runs), "my runs")
    assert len(names(runs)) == 4
    with open_tracker(runs) as tracker:
        tracker.record(make("later"))
    assert len(names(runs)) == 5
    assert query(runs, "SELECT key, value FROM experiment_tags") == [("sweeper.record", "runs")]


def test_a_renamed_run_is_found_by_its_id_and_its_study(runs: Path) -> None:
    run_id = open_reader(runs).runs(ref="s:0")[0].run_id
    mlflow(runs).update_run(run_id, name="the good one")
    assert find_run(open_reader(runs), "the good one").run_id == run_id
    assert [row["number"] for row in rows(open_reader(runs), "s")] == [0, 1]


def test_deleted_runs_are_said_and_come_back(runs: Path) -> None:
    reader = open_reader(runs)
    for run in reader.runs(study="s"):
        mlflow(runs).delete_run(run.run_id)
    assert (
        deleted_note(reader)
        == "3 runs were deleted by sweeper rm or in MLflow's pages (sweeper doctor --restore all brings them back)"
    )
    with pytest.raises(InputError, match="3 runs of s were deleted by sweeper rm or in MLflow's pages") as caught:
        rows(reader, "s")
    assert caught.value.hint == "sweeper doctor --restore s brings them back"
    document = examine(runs)
    assert (document["ok"], document["mlflow"]["deleted"], document["mlflow"]["runs"]) == (True, 3, 1)
    document = examine(runs, restore="s:1")
    assert document["mended"] == ["MLflow: 1 run brought back"]
    assert names(runs) == {"s/1", "alone"}
    examine(runs, restore="all")
    assert names(runs) == {"s", "s/0", "s/1", "alone"}
    assert deleted_note(reader) == ""


def test_a_deleted_experiment_takes_nothing_more_and_comes_back(runs: Path, make: Make) -> None:
    mlflow(runs).delete_experiment(experiment(runs))
    assert rows(open_reader(runs)) == []
    assert deleted_note(open_reader(runs)).startswith(
        "everything recorded, 4 runs were deleted by sweeper rm or in MLflow's pages"
    )
    with pytest.raises(InputError, match="everything recorded was deleted") as caught, recording(runs, print):
        pytest.fail("nothing begins")
    assert "sweeper doctor --restore all" in caught.value.hint
    with pytest.raises(InputError, match="the run alone was deleted"):
        find_run(open_reader(runs), "alone")
    with open_tracker(runs) as tracker:  # whoever records all the same loses nothing
        tracker.record(make("waits"))
        assert tracker.flush() == 1
        assert "sweeper doctor --restore all brings it back" in tracker.trouble
    assert waiting(runs / "spool") == 1
    assert "mended" in examine(runs, restore="all")
    examine(runs, fix=True)
    assert names(runs) == {"s", "s/0", "s/1", "alone", "waits"}


def test_one_that_is_deleted_under_way(runs: Path, make: Make) -> None:
    with open_tracker(runs) as tracker:
        tracker.open_study("s", {})
        tracker.flush()
        mlflow(runs).delete_experiment(experiment(runs))
        tracker.record(make("s/2", study="s", number=2))
        assert tracker.flush() == 1
        tracker.restore([])
        assert tracker.flush() == 0
    assert names(runs) == {"s", "s/0", "s/1", "s/2", "alone"}
