"""Reports that are made while somebody looks: of studies that are over and have none, one after the other."""

import time

import pytest

from sweeper.jobs import browse_reports
from sweeper.jobs.browse_reports import reporting, without_report
from sweeper.study.study_record import exists
from sweeper.tracking import open_reader, open_tracker
from tests.study import targets
from tests.study.helpers import carry_out, plan


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two studies that are over, on the record, and one there that has no trials of its own."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for name in ("older", "newer"):
        carry_out(plan(3, study=name), tmp_path, targets.trivial)
        assert exists(tmp_path, name)
    with open_tracker(tmp_path) as tracker:
        for name in ("older", "newer", "gone"):
            tracker.open_study(name, {})
            tracker.close_study(name, "finished", {})
            time.sleep(0.005)  # a record's clock counts milliseconds
    return tmp_path


def shown(runs, study):
    reader = open_reader(runs)
    (parent,) = [run for run in reader.runs(study=study) if run.tags.get("kind") == "study"] or [None]
    return parent and reader.artifact(parent, "report/report.html")


def test_the_study_that_is_looked_at_comes_first(runs):
    assert without_report(runs) == ["newer", "older"]
    assert without_report(runs, "older") == ["older", "newer"]


@pytest.mark.slow
def test_each_is_made_once_and_then_nothing_is_left(runs):
    with reporting(runs, "older") as begin:
        deadline = time.monotonic() + 120
        while without_report(runs) and time.monotonic() < deadline:
            begin()
            time.sleep(0.2)
    assert without_report(runs) == []
    assert "older" in shown(runs, "older").read_text(encoding="utf-8")


def test_whoever_stops_looking_leaves_no_process(runs, monkeypatch):
    monkeypatch.setattr(browse_reports, "module_command", lambda *_: ["sleep", "1000"])
    started = []
    monkeypatch.setattr(browse_reports.os, "setpriority", lambda _, pid, nice: started.append((pid, nice)))
    with reporting(runs) as begin:
        begin()
        begin()
    ((pid, nice),) = started
    assert nice == 10
    with pytest.raises(ProcessLookupError):
        browse_reports.os.kill(pid, 0)
