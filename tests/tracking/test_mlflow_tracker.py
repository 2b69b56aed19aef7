from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from sweeper.errors import InputError, SweeperError
from sweeper.tracking import RunRecord, StoredRun, open_tracker
from sweeper.tracking.memory import MemoryTracker
from sweeper.tracking.mlflow.folder import local_folder
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.spool import waiting
from sweeper.trial import Scores

Make = Callable[..., RunRecord]
NOWHERE = "http://me:pw123456@127.0.0.1:9"
"""An address that refuses connections at once."""


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def stored(runs: Path, **which: str) -> dict[str, StoredRun]:
    return {run.name: run for run in MlflowReader(runs, uri=f"sqlite:///{runs}/mlflow.db").runs(**which)}


def files(run: StoredRun) -> dict[str, Path]:
    folder = local_folder(run.artifacts)
    assert folder is not None
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def query(runs: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(runs / "mlflow.db")) as database:
        return database.execute(statement).fetchall()


def test_the_factory_chooses(runs: Path) -> None:
    assert isinstance(open_tracker(runs, "memory"), MemoryTracker)
    assert not runs.exists()
    with open_tracker(runs) as tracker:
        assert isinstance(tracker, MlflowTracker)


def test_curves_keep_their_steps(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a"))
    curve = query(runs, "SELECT step, timestamp FROM metrics WHERE key = 'curves/validation.loss' ORDER BY step")
    assert curve == [(50, 1000500), (100, 1001000)]


def test_the_data_set_is_an_input(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a"))
        tracker.record(make("b"))
    assert query(runs, "SELECT name, digest FROM datasets") == [("digits", "d" * 8)]
    assert query(runs, "SELECT count(*) FROM inputs") == [(2,)]


def test_config_overrides_and_models_are_artifacts(runs: Path, make: Make, tmp_path: Path) -> None:
    models = [tmp_path / "trial" / f"member-{r}.keras" for r in range(2)]
    models[0].parent.mkdir()
    for model in models:
        model.write_bytes(model.name.encode())
    run = make("a", models=tuple(map(str, models)))
    run.config["seed"] = 5
    with MlflowTracker(runs) as tracker:
        tracker.record(run)
    found = files(stored(runs)["a"])
    assert yaml.safe_load(found["config.yaml"].read_text()) == run.config
    assert found["overrides.txt"].read_text() == "learning_rate=0.1\n"
    assert found["models/seed_5/data/model.keras"].read_bytes() == b"member-0.keras"
    assert found["models/seed_6/data/model.keras"].read_bytes() == b"member-1.keras"
    assert yaml.safe_load(found["models/seed_5/MLmodel"].read_text())["flavors"]["keras"]["keras_version"] == "3.15.1"
    assert not models[0].parent.exists()


def test_a_model_that_is_gone_does_not_cost_the_run(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a", models=("/no/such.keras",)))
    assert stored(runs)["a"].status == "FINISHED"
    assert stored(runs)["a"].tags["artifacts.missing"] == "/no/such.keras"


def test_figures_are_copied(runs: Path, tmp_path: Path) -> None:
    figure = tmp_path / "curve.png"
    figure.write_bytes(b"one")
    with MlflowTracker(runs) as tracker:
        study = tracker.open_study("s", {})
        tracker.update(study, artifacts=[(figure, "figures")])
        figure.write_bytes(b"two")
        tracker.flush()
        assert files(stored(runs)["s"])["figures/curve.png"].read_bytes() == b"one"
        tracker.update(study, artifacts=[(figure, "figures")])
    assert files(stored(runs)["s"])["figures/curve.png"].read_bytes() == b"two"


@pytest.mark.parametrize("folder", ["../up", "/etc", "a/../../b"])
def test_artifacts_stay_in_their_run(runs: Path, tmp_path: Path, folder: str) -> None:
    (tmp_path / "x").touch()
    with MlflowTracker(runs) as tracker:
        study = tracker.open_study("s", {})
        with pytest.raises(SweeperError, match="leaves its run"):
            tracker.update(study, artifacts=[(tmp_path / "x", folder)])


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        MlflowTracker(tmp_path / "runs")


def test_keys_that_mlflow_forbids_are_mended(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        coming = tracker.record(make("a", tags={"what?": "yes"}, config={"weird[key]": 1}))
        tracker.update(coming, metrics={"f(x)": 2.0}, tags={"x=y": "z"})
    run = stored(runs)["a"]
    assert (run.tags["what_"], run.tags["x_y"], run.params["weird_key_"], run.metrics["f_x_"]) == ("yes", "z", "1", 2.0)


def test_long_texts_are_cut_and_not_refused(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a", tags={"long": "x" * 20_000}, config={"long": "y" * 20_000}))
    assert len(stored(runs)["a"].tags["long"]) == 8000
    assert len(stored(runs)["a"].params["long"]) == 6000


def test_a_study_name_with_quotes_is_a_name(runs: Path, make: Make) -> None:
    name = """it's "quoted"; DROP TABLE runs"""
    with MlflowTracker(runs) as tracker:
        tracker.open_study(name, {})
        tracker.record(make("t", study=name, number=0))
        tracker.flush()
        assert list(tracker.recorded(name)) == [0]
    with MlflowTracker(runs) as tracker:
        tracker.record(make("again", study=name, number=0))
    assert sorted(stored(runs)) == sorted([name, "t"])


def test_a_trial_of_an_earlier_process_is_not_written_again(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.open_study("s", {})
        first = tracker.record(make("first", study="s", number=0))
    with MlflowTracker(runs) as tracker:
        other = Scores((9.0,), (0.1,))
        again = tracker.record(make("again", study="s", number=0, validation=other, tags={"again": "yes"}))
        new = tracker.record(make("new", study="s", number=1))
        tracker.flush()
        assert tracker.recorded("s") == {0: first.result(), 1: new.result()}
    assert again.result() == first.result()
    assert stored(runs)["first"].metrics["final/validation.loss"] == 0.25
    assert "again" not in stored(runs)["first"].tags


def test_the_study_of_another_living_driver_is_not_killed(runs: Path) -> None:
    with MlflowTracker(runs) as one, MlflowTracker(runs) as other:
        one.open_study("s", {})
        one.flush()
        assert other.reconcile() == []
        assert stored(runs)["s"].status == "RUNNING"


def test_a_study_that_another_driver_is_about_to_open_is_waited_for(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as one, MlflowTracker(runs) as other:
        late = other.open_study("s", {}, makes=False)
        trial = other.record(make("t", study="s", number=0))
        time.sleep(1.0)
        assert not late.done()
        first = one.open_study("s", {})
        assert other.flush() == 0
        assert other.trouble == ""
        assert late.result() == first.result()
        assert stored(runs)["t"].tags["mlflow.parentRunId"] == first.result()
        assert trial.done()
    assert query(runs, "SELECT name FROM runs ORDER BY name") == [("s",), ("t",)]


def test_where_the_other_driver_never_opens_it_the_study_is_opened(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeper.tracking.mlflow.writer._MADE_BY_OTHERS", 2.0)
    with MlflowTracker(runs) as tracker:
        opened = tracker.open_study("s", {}, makes=False)
        assert tracker.flush() == 0
        assert opened.result()
    assert list(stored(runs)) == ["s"]


def test_two_writers_of_one_data_set_are_a_race_and_not_a_refusal(
    runs: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import BAD_REQUEST
    from mlflow.tracking import MlflowClient

    text = "(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.experiment_id, datasets.name, datasets.digest"
    real, failures = MlflowClient.log_inputs, [MlflowException(text, BAD_REQUEST)]

    def slower(self: MlflowClient, *arguments: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(self, *arguments, **named)

    monkeypatch.setattr(MlflowClient, "log_inputs", slower)
    with MlflowTracker(runs) as tracker:
        tracker.open_study("s", {"data": '{"name": "digits", "digest": "d"}'})
        tracker.record(make("a"))
        assert tracker.flush() == 0
    assert sorted(query(runs, "SELECT name, status FROM runs")) == [("a", "FINISHED"), ("s", "KILLED")]
    assert query(runs, "SELECT count(*) FROM inputs") == [(2,)]


@pytest.mark.parametrize("call", ["create_run", "log_batch", "log_inputs", "set_terminated"])
def test_an_attempt_that_failed_midway_is_completed_not_doubled(
    runs: Path, make: Make, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    from mlflow.tracking import MlflowClient

    real, failures = getattr(MlflowClient, call), [ConnectionError("reset"), ConnectionError("reset")]

    def flaky(self: MlflowClient, *arguments: Any, **named: Any) -> Any:
        result = real(self, *arguments, **named)
        if failures:
            raise failures.pop()  # it was done, but nobody heard
        return result

    monkeypatch.setattr(MlflowClient, call, flaky)
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a"))
        assert tracker.flush() == 0
    assert query(runs, "SELECT name, status FROM runs") == [("a", "FINISHED")]
    assert query(runs, "SELECT count(*) FROM metrics WHERE key = 'curves/validation.loss'") == [(2,)]
    assert query(runs, "SELECT count(*) FROM inputs") == [(1,)]


def test_a_database_that_is_held_delays_only_the_writing(runs: Path, make: Make) -> None:
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a"))
        tracker.flush()
        with closing(sqlite3.connect(runs / "mlflow.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            late = tracker.record(make("b"))
            time.sleep(0.3)
            assert not late.done()
            other.execute("COMMIT")
        assert tracker.flush() == 0
    assert stored(runs)["b"].run_id == late.result()


def test_what_mlflow_refuses_is_said_and_kept_and_the_rest_goes_on(runs: Path, make: Make) -> None:
    tracker = MlflowTracker(runs)
    tracker.update("0" * 32, tags={"a": "b"})
    tracker.record(make("a"))
    with pytest.raises(SweeperError, match="cannot be recorded") as caught:
        tracker.flush()
    assert "rejected" in caught.value.message
    assert len(list((runs / "spool").glob("*/*.rejected"))) == 1
    tracker.close()
    assert stored(runs)["a"].status == "FINISHED"


def test_a_refused_run_is_not_left_running(runs: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow.tracking import MlflowClient

    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr(MlflowClient, "log_inputs", refuse)
    tracker = MlflowTracker(runs)
    tracker.record(make("a"))
    with pytest.raises(SweeperError, match="no such thing"):
        tracker.close()
    assert stored(runs)["a"].status == "KILLED"
    assert "no such thing" in stored(runs)["a"].tags["interrupted"]


def test_a_server_that_is_away_costs_no_caller_anything(runs: Path, make: Make) -> None:
    tracker = MlflowTracker(runs, uri=NOWHERE, patience=0.2)
    opened = tracker.open_study("s", {})
    futures = [tracker.record(make("t", study="s", number=number)) for number in range(3)]
    assert tracker.flush() == 4
    assert [future.result(timeout=0) for future in (opened, *futures)] == [""] * 4
    assert "127.0.0.1:9" in tracker.trouble
    assert "pw123456" not in tracker.trouble
    tracker.close()
    assert waiting(runs / "spool") == 5  # the study's end is among them
    assert "pw123456" not in "".join(path.read_text() for path in runs.rglob("*.json"))


def test_what_was_left_is_written_by_the_next(runs: Path, make: Make, tmp_path: Path) -> None:
    model = tmp_path / "m.keras"
    model.write_bytes(b"weights")
    away = MlflowTracker(runs, uri=NOWHERE, patience=0.2)
    study = away.open_study("s", {"sampler": "tpe"})
    trial = away.record(make("t", study="s", number=0, models=(str(model),)))
    single = away.record(make("single"))
    away.update(trial, tags={"later": "yes"})
    away.update(single, tags={"later": "too"})
    figure = tmp_path / "curve.png"
    figure.write_bytes(b"curve")
    away.update(study, metrics={"best": 0.5}, artifacts=[(figure, "figures")])
    figure.unlink()
    away.close()
    assert model.exists()
    with MlflowTracker(runs) as tracker:
        assert list(tracker.recorded("s")) == [0]
        assert tracker.flush() == 0
    found = stored(runs)
    assert sorted(found) == ["s", "single", "t"]
    assert found["t"].tags["mlflow.parentRunId"] == found["s"].run_id
    assert (found["t"].tags["later"], found["single"].tags["later"]) == ("yes", "too")
    assert (found["s"].status, found["s"].metrics, found["s"].tags["sampler"]) == ("KILLED", {"best": 0.5}, "tpe")
    assert files(found["t"])["models/seed_0/data/model.keras"].read_bytes() == b"weights"
    assert files(found["s"])["figures/curve.png"].read_bytes() == b"curve"
    assert list((runs / "spool").iterdir()) == []


def test_nothing_can_be_kept_and_nothing_is_hidden(runs: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sweeper.tracking.spool.Spool.put", full)
    tracker = MlflowTracker(runs, uri=NOWHERE, patience=0.2)
    tracker.record(make("a"))
    with pytest.raises(SweeperError, match="nor to the spool"):
        tracker.close()


def test_a_full_spool_does_not_matter_while_mlflow_writes(
    runs: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sweeper.tracking.spool.Spool.put", full)
    with MlflowTracker(runs) as tracker:
        tracker.record(make("a"))
    assert stored(runs)["a"].status == "FINISHED"


KILLED = """
import os, signal, sys
from pathlib import Path
from sweeper.trial import TrialResult
from sweeper.tracking import RunRecord, StoredRun, open_tracker
tracker = open_tracker(Path(sys.argv[1]))
tracker.open_study("s", {"sampler": "random"}).result()
for number in range(20):
    tracker.record(RunRecord(f"t{number}", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0, "s", number))
    if number == 10:
        tracker.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_driver_killed_at_once_loses_nothing_and_leaves_nothing_running(runs: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(runs)], check=False, capture_output=True, text=True)
    assert done.returncode == -9
    assert (done.stdout, done.stderr) == ("", "")
    assert stored(runs)["s"].status == "RUNNING"
    with MlflowTracker(runs) as tracker:
        assert sorted(tracker.recorded("s")) == list(range(20))
        killed = tracker.reconcile()
        assert killed == [stored(runs)["s"].run_id]
        assert tracker.reconcile() == []
    found = stored(runs)
    assert len(found) == 21
    assert {run.status for name, run in found.items() if name != "s"} == {"FINISHED"}
    assert found["s"].status == "KILLED"
    assert "ended without closing it" in found["s"].tags["interrupted"]


QUIET = """
import logging, os, sys
from pathlib import Path
from sweeper.trial import TrialResult
from sweeper.tracking import RunRecord, StoredRun, open_tracker
with open_tracker(Path(sys.argv[1])) as tracker:
    tracker.record(RunRecord("a", {"seed": 0}, [], [], TrialResult("k", "finished"), 1.0, 2.0))
    assert tracker.flush() == 0
assert not logging.getLogger("mlflow.store.db.utils").isEnabledFor(logging.ERROR)
assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == os.environ["DO_NOT_TRACK"] == "true"
"""


def test_it_is_quiet_even_where_warnings_are_errors(runs: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "DO_NOT"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET, str(runs)],
        check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_making_a_tracker_does_not_wait_for_mlflow(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import sweeper.tracking.mlflow.tracker as t; "
        "heavy = {'mlflow', 'pandas', 'sqlalchemy', 'numpy'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_of_closed_trackers_end(runs: Path, make: Make) -> None:
    before = threading.active_count()
    for _ in range(3):
        with MlflowTracker(runs) as tracker:
            tracker.record(make("a"))
    assert threading.active_count() == before
