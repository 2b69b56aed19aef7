"""What MLflow has not got is told at the end of a command, and written by the next one."""

import pytest

from sweeper.study.plan import Note
from sweeper.study.session import recording
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.spool import waiting
from sweeper.trial import TrialResult

NOWHERE = "http://me:pw123456@127.0.0.1:9"


@pytest.fixture
def away(monkeypatch):
    """MLflow is out of reach."""
    monkeypatch.setattr(
        "sweeper.study.session.open_tracker", lambda runs: MlflowTracker(runs, uri=NOWHERE, patience=0.2)
    )


def record():
    return RunRecord("a", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0)


def test_what_waits_is_one_line_without_secrets(tmp_path, away):
    told = []
    with recording(tmp_path, told.append) as tracker:
        tracker.record(record())
        tracker.record(record())
    [note] = told
    assert isinstance(note, Note)
    assert note.text.startswith("MLflow takes nothing now (http://")
    assert f"2 entries wait in {tmp_path / 'spool'}" in note.text
    assert "pw123456" not in note.text
    assert "\n" not in note.text
    assert waiting(tmp_path / "spool") == 2


def test_it_is_told_beside_what_went_wrong_first(tmp_path, away):
    told = []

    def failing():
        with recording(tmp_path, told.append) as tracker:
            tracker.record(record())
            raise KeyError("first")

    with pytest.raises(KeyError, match="first"):
        failing()
    assert "1 entry waits" in told[0].text


def test_nothing_is_said_where_all_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    told = []
    with recording(tmp_path, told.append) as tracker:
        tracker.record(record())
    assert told == []
