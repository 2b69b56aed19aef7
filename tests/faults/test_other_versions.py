"""Records that another version of Optuna or MLflow has written: left as they are, and said in one line."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import targets
from helpers import carry_out, plan

from sweeper.errors import InputError
from sweeper.study.storage.location import study_file
from sweeper.study.study_record import load_study
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.spool import waiting
from sweeper.trial import TrialResult

RECORD = """
import sys
from pathlib import Path
from sweeper.trial import TrialResult
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
with MlflowTracker(Path(sys.argv[1]), patience=0.5) as tracker:
    tracker.record(RunRecord("a", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0))
    print(tracker.flush())
    print(tracker.trouble)
"""
"""In a process of its own, as MLflow looks at the version once in each."""


def rewrite(path, statement):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def everything(path):
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def test_a_study_of_another_version_of_optuna_is_refused_and_left_as_it_is(tmp_path):
    carry_out(plan(2), tmp_path, targets.trivial)
    path = study_file(tmp_path, "s")
    rewrite(path, "UPDATE alembic_version SET version_num = 'v99'")
    before = everything(path)
    for act in (lambda: load_study(tmp_path, "s"), lambda: carry_out(plan(4), tmp_path, targets.trivial)):
        with pytest.raises(InputError, match="was written by another version"):
            act()
    assert everything(path) == before


def test_what_an_other_version_of_mlflow_does_not_take_waits_and_is_written_when_it_is_put_right(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    record = RunRecord("a", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0)
    with MlflowTracker(tmp_path) as tracker:
        tracker.record(record)
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as database:
        [version] = database.execute("SELECT version_num FROM alembic_version").fetchone()
    rewrite(path, "UPDATE alembic_version SET version_num = 'abc'")
    done = subprocess.run([sys.executable, "-c", RECORD, str(tmp_path)], capture_output=True, text=True, check=True)
    left, trouble = done.stdout.splitlines()
    assert left == "1"
    assert "schema" in trouble
    assert waiting(tmp_path / "spool") == 1
    rewrite(path, f"UPDATE alembic_version SET version_num = '{version}'")
    with MlflowTracker(tmp_path) as tracker:
        assert tracker.flush() == 0
    assert waiting(tmp_path / "spool") == 0
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM runs WHERE status = 'FINISHED'").fetchone() == (2,)
