"""What every tracker does, whatever is behind it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sweeper.config.schema import Config
from sweeper.errors import InputError, SweeperError
from sweeper.tracking import TRACKERS, RunReader, RunRecord, StoredRun, Tracker
from sweeper.tracking.deletions import restore
from sweeper.tracking.mlflow.client_rows import connect
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.models import lost_files, model_files, study_models
from sweeper.tracking.recorded import find_run, find_trial, runs_like
from sweeper.tracking.run_rows import rows
from sweeper.trial import EpochReport, Failure, Scores, TrialResult


@dataclass
class Kept:
    """A tracker over a folder, its reading half opened without it, and how its own pages delete a run."""

    tracker: Tracker
    reader: RunReader
    delete: Callable[[str], None]

    def all(self) -> dict[str, StoredRun]:
        return {run.name: run for run in self.reader.runs()}

    def run(self, name: str) -> StoredRun:
        return self.all()[name]


def delete_from_memory(folder: Path, run_id: str) -> None:
    [run] = [run for run in TRACKERS["memory"].read(folder).runs(deleted=None) if run.run_id == run_id]
    run.deleted = True


def delete_from_mlflow(folder: Path, run_id: str) -> None:
    connect(f"sqlite:///{folder}/mlflow.db").delete_run(run_id)


DELETE = {"memory": delete_from_memory, "mlflow": delete_from_mlflow}


@pytest.fixture(params=TRACKERS)
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    kind, folder = TRACKERS[request.param], tmp_path / "runs"
    tracker = kind.open(folder)
    yield Kept(tracker, kind.read(folder), partial(DELETE[request.param], folder))
    tracker.close()


def scores(loss: float, accuracy: float, members: int = 1) -> Scores:
    return Scores(tuple(loss + 0.1 * r for r in range(members)), tuple(accuracy - 0.1 * r for r in range(members)))


def record(
    name: str = "a", *, number: int | None = None, members: int = 1, interrupted: str = "", **result: object
) -> RunRecord:
    history = [
        EpochReport("k", step, step / 50, scores(1.0 / step, 0.5), scores(0.9, 0.6, members), 0.1, step / 100)
        for step in (50, 100)
    ]
    values: dict[str, object] = {
        "steps": 100,
        "train": scores(0.2, 0.95, members),
        "validation": scores(0.3, 0.9, members),
        "seconds": {"total": 3.0, "train": 2.0},
        "data": {"name": "digits", "digest": "d" * 64, "sizes": {"train": 90, "validation": 10, "test": 5}},
    }
    return RunRecord(
        name=name,
        config={"hidden": [50, 30], "optimizer": {"name": "sgd"}, "learning_rate": 0.1, "seed": 7, "repeats": members},
        overrides=["learning_rate=0.1"],
        history=history,
        result=TrialResult("k", **{"status": "finished", **values, **result}),  # type: ignore[arg-type]
        started=1000.0,
        ended=1003.0,
        study="s" if number is not None else "",
        number=number,
        tags={"asked by": "a test"},
        interrupted=interrupted,
    )


def test_a_run_is_kept_whole(kept: Kept) -> None:
    run_id = kept.tracker.record(record("a"))
    assert kept.tracker.flush() == 0
    run = kept.run("a")
    assert run.run_id == run_id.result()
    assert (run.status, run.started, run.ended) == ("FINISHED", 1000.0, 1003.0)
    assert run.params["optimizer.name"] == "sgd"
    assert run.params["hidden"] == "[50, 30]"
    assert run.metrics["validation.loss"] == pytest.approx(0.9)
    assert run.metrics["final/validation.accuracy"] == pytest.approx(0.9)
    assert run.metrics["seconds.total"] == pytest.approx(3.0)
    assert run.tags["data.digest"] == "d" * 64
    assert run.tags["overrides"] == "learning_rate=0.1"
    assert run.tags["asked by"] == "a test"


def test_members_have_metrics_of_their_own(kept: Kept) -> None:
    kept.tracker.record(record("a", members=3))
    kept.tracker.flush()
    found = kept.run("a").metrics
    accuracies = [found[f"final/seed_{seed}/validation.accuracy"] for seed in (7, 8, 9)]
    assert accuracies == pytest.approx([0.9, 0.8, 0.7])
    assert found["final/validation.accuracy"] == pytest.approx(0.8)
    assert kept.run("a").tags["seeds"] == "[7, 8, 9]"


def test_each_way_to_end_shows(kept: Kept) -> None:
    failure = Failure("NonFiniteLoss", "the loss became NaN", 60)
    kept.tracker.record(record("stopped", number=0, status="stopped", train=None))
    kept.tracker.record(record("failed", number=1, status="failed", train=None, validation=None, failure=failure))
    kept.tracker.record(record("cut", number=2, status="stopped", interrupted="Ctrl-C"))
    kept.tracker.flush()
    assert kept.run("stopped").status == "FINISHED"
    assert kept.run("stopped").tags["pruned"] == "true"
    assert kept.run("failed").status == "FAILED"
    assert kept.run("failed").tags["failure.message"] == "the loss became NaN"
    assert kept.run("failed").tags["failure.step"] == "60"
    assert kept.run("cut").status == "KILLED"
    assert kept.run("cut").tags["interrupted"] == "Ctrl-C"


def test_a_trial_is_written_once(kept: Kept) -> None:
    kept.tracker.open_study("s", {})
    first = kept.tracker.record(record("first", number=4))
    again = kept.tracker.record(record("second", number=4))
    kept.tracker.flush()
    assert first.result() == again.result()
    assert kept.tracker.recorded("s") == {4: first.result()}
    assert "second" not in kept.all()


def test_single_runs_are_each_their_own(kept: Kept) -> None:
    one, two = kept.tracker.record(record("a")), kept.tracker.record(record("a"))
    kept.tracker.flush()
    assert one.result() != two.result()


def test_trials_hang_below_their_study(kept: Kept) -> None:
    parent = kept.tracker.open_study("s", {"sampler": "tpe", "seed": 3, "space": {"learning_rate": "log 0.01 1"}})
    kept.tracker.record(record("t", number=0))
    kept.tracker.close_study("s", "finished", {"best": 0.9})
    kept.tracker.flush()
    assert kept.run("t").tags["mlflow.parentRunId"] == parent.result() == kept.run("s").run_id
    assert kept.run("s").tags["sampler"] == "tpe"
    assert kept.run("s").tags["space.learning_rate"] == "log 0.01 1"
    assert kept.run("s").metrics == {"best": 0.9}
    assert kept.run("s").status == "FINISHED"


def test_a_study_goes_on_in_the_run_that_it_has(kept: Kept) -> None:
    first = kept.tracker.open_study("s", {"trials": 5})
    kept.tracker.close_study("s", "interrupted", {})
    kept.tracker.flush()
    assert kept.run("s").status == "KILLED"
    second = kept.tracker.open_study("s", {"trials": 9})
    kept.tracker.flush()
    assert first.result() == second.result()
    assert (kept.run("s").status, kept.run("s").tags["trials"]) == ("RUNNING", "9")


def test_closing_leaves_nothing_running(kept: Kept) -> None:
    kept.tracker.open_study("s", {})
    kept.tracker.record(record("t", number=0))
    kept.tracker.close()
    kept.tracker.close()
    assert {run.status for run in kept.all().values()} == {"KILLED", "FINISHED"}
    assert kept.run("s").status == "KILLED"
    assert kept.run("s").tags["status"] == "interrupted"


def test_runs_can_be_added_to(kept: Kept, tmp_path: Path) -> None:
    figure = tmp_path / "curve.png"
    figure.write_bytes(b"png")
    coming = kept.tracker.record(record("a"))
    kept.tracker.update(coming, metrics={"test.accuracy": 0.5}, tags={"looked": "yes"}, artifacts=[(figure, "figures")])
    kept.tracker.flush()
    kept.tracker.update(coming.result(), tags={"looked": "twice"})
    kept.tracker.flush()
    assert kept.run("a").metrics["test.accuracy"] == 0.5
    assert kept.run("a").tags["looked"] == "twice"
    assert figure.exists()


def test_adding_to_a_run_that_is_not_there_is_an_error(kept: Kept) -> None:
    with pytest.raises(SweeperError):  # noqa: PT012  # at once or when it is written, but never silently
        kept.tracker.update("0" * 32, tags={"a": "b"})
        kept.tracker.flush()


def test_a_file_that_is_not_there_is_an_error_at_once(kept: Kept, tmp_path: Path) -> None:
    coming = kept.tracker.record(record("a"))
    with pytest.raises(SweeperError, match="no file"):
        kept.tracker.update(coming, artifacts=[(tmp_path / "none.png", "")])


def test_closing_does_not_hide_what_went_wrong_first(kept: Kept) -> None:
    def work() -> None:
        with kept.tracker as tracker:
            if isinstance(tracker, MlflowTracker):
                tracker.update("0" * 32, tags={"a": "b"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()


def test_what_is_not_finite_survives(kept: Kept) -> None:
    values = Scores((math.nan,), (0.1,))
    kept.tracker.record(record("a", train=values, validation=Scores((math.inf,), (0.1,))))
    kept.tracker.flush()
    assert math.isnan(kept.run("a").metrics["final/train.loss"])
    assert kept.run("a").metrics["final/validation.loss"] == math.inf


def test_a_living_study_is_not_reconciled(kept: Kept) -> None:
    kept.tracker.open_study("s", {})
    kept.tracker.flush()
    assert kept.tracker.reconcile() == []
    assert kept.run("s").status == "RUNNING"


def test_calls_return_before_anything_is_written(kept: Kept) -> None:
    futures = [kept.tracker.record(record("t", number=number)) for number in range(20)]
    kept.tracker.flush()
    assert len({future.result(timeout=0) for future in futures}) == 20
    assert kept.tracker.trouble == ""
    assert sorted(kept.tracker.recorded("s")) == list(range(20))
    assert time.time() > kept.run("t").started


def whole(name: str, **more: Any) -> RunRecord:
    """A record that can be read back: of a whole configuration."""
    given = record(name, **more)
    return replace(given, config=Config(seed=7).to_dict())


def same(one: RunRecord, other: RunRecord) -> bool:
    """Whether the reading half gives back what was recorded; not the times of validations."""
    history = [replace(report, seconds=0.0) for report in one.history]
    return (history, one.result.validation, one.config, one.started) == (
        [replace(report, key=one.result.key) for report in other.history],
        other.result.validation,
        other.config,
        other.started,
    )


def test_what_was_recorded_is_read_back_whole(kept: Kept) -> None:
    run, trial = whole("alone"), whole("t", number=3)
    run_id = kept.tracker.record(run)
    kept.tracker.record(trial)
    kept.tracker.flush()
    assert same(run, find_run(kept.reader, "alone").record)
    assert same(trial, find_trial(kept.reader, "s", 3).record)
    assert find_run(kept.reader, run_id.result()[:9]).title == run_id.result()[:8]
    assert [one.run_id for one in runs_like(kept.reader, Config(seed=1))] == [run_id.result()]
    curves = kept.reader.curves(kept.run("alone"))
    assert curves["validation.loss"] == [(50, pytest.approx(0.9)), (100, pytest.approx(0.9))]


def test_the_reading_half_of_a_tracker_is_that_of_its_folder(kept: Kept) -> None:
    kept.tracker.record(whole("a"))
    kept.tracker.flush()
    assert kept.tracker.reader.runs() == kept.reader.runs()
    assert [row["name"] for row in rows(kept.reader)] == ["a"]


def test_runs_are_found_by_what_is_known_of_them(kept: Kept) -> None:
    assert kept.reader.runs() == []
    assert not kept.reader.deleted
    parent = kept.tracker.open_study("s", {})
    for number in range(3):
        kept.tracker.record(whole(f"t{number}", number=number))
    kept.tracker.record(whole("alone"))
    kept.tracker.flush()
    assert {run.name for run in kept.reader.runs(study="s")} == {"s", "t0", "t1", "t2"}
    assert [run.name for run in kept.reader.runs(ref="s:1")] == ["t1"]
    assert [run.name for run in kept.reader.runs(status="RUNNING")] == ["s"]
    assert [run.name for run in kept.reader.runs(called="alone")] == ["alone"]
    assert [run.name for run in kept.reader.runs(called=parent.result())] == ["s"]
    assert kept.reader.runs(study="none") == []
    assert {run.started for run in kept.reader.runs()[:-1]} == {1000.0}


def test_models_and_files_are_found_again(kept: Kept, tmp_path: Path) -> None:
    models = [tmp_path / "made" / f"member-{member}.keras" for member in range(2)]
    models[0].parent.mkdir()
    for model in models:
        model.write_bytes(model.name.encode())
    run_id = kept.tracker.record(whole("t", number=0, members=2, models=tuple(map(str, models))))
    kept.tracker.update(run_id, artifacts=[(Path(__file__), "notes")])
    kept.tracker.flush()
    assert not models[0].exists()
    found = model_files(kept.reader, run_id.result())
    assert [path.read_bytes() for path in found] == [b"member-0.keras", b"member-1.keras"]
    assert study_models(kept.reader, "s") == {0: found}
    note = kept.reader.artifact(kept.run("t"), f"notes/{Path(__file__).name}")
    assert note is not None
    assert note.read_bytes() == Path(__file__).read_bytes()
    assert kept.reader.artifact(kept.run("t"), "none.txt") is None
    assert lost_files(kept.reader, kept.run("t")) == []
    found[1].unlink()
    assert lost_files(kept.reader, kept.run("t")) == [found[1]]


def test_a_deleted_trial_stays_deleted_is_said_and_comes_back(kept: Kept) -> None:
    kept.tracker.open_study("s", {})
    first, other = (kept.tracker.record(whole(f"t{number}", number=number)) for number in (0, 1))
    kept.tracker.flush()
    kept.delete(first.result())
    assert set(kept.all()) == {"s", "t1"}
    assert [run.name for run in kept.reader.runs(deleted=True)] == ["t0"]
    assert kept.tracker.recorded("s") == {0: first.result(), 1: other.result()}
    assert kept.tracker.record(whole("again", number=0)).result() == first.result()
    kept.tracker.update(first.result(), tags={"more": "words"})
    assert kept.tracker.flush() == 0
    assert set(kept.all()) == {"s", "t1"}
    with pytest.raises(InputError, match="deleted by sweeper rm or in MLflow's pages") as caught:
        find_trial(kept.reader, "s", 0)
    assert caught.value.hint == "sweeper doctor --restore s:0 brings it back"
    assert [run.name for run in restore(kept.tracker, "s:0")] == ["t0"]
    assert set(kept.all()) == {"s", "t0", "t1"}
    assert "more" not in kept.run("t0").tags
    with pytest.raises(InputError, match="nothing that is called"):
        restore(kept.tracker, "all")


def test_a_study_goes_on_beside_its_deleted_parent(kept: Kept) -> None:
    parent = kept.tracker.open_study("s", {"trials": 5})
    kept.tracker.flush()
    kept.delete(parent.result())
    assert kept.tracker.open_study("s", {"trials": 9}).result() == parent.result()
    kept.tracker.record(whole("t", number=0))
    kept.tracker.close_study("s", "finished", {})
    assert kept.tracker.flush() == 0
    assert [run.name for run in kept.reader.runs()] == ["t"]
    restore(kept.tracker, "s")
    assert kept.run("t").tags["mlflow.parentRunId"] == parent.result()
    assert sorted(kept.all()) == ["s", "t"]


def test_a_parent_deleted_under_way_costs_nothing(kept: Kept) -> None:
    parent = kept.tracker.open_study("s", {})
    kept.tracker.record(whole("t0", number=0))
    kept.tracker.flush()
    kept.delete(parent.result())
    kept.tracker.record(whole("t1", number=1))
    kept.tracker.close_study("s", "finished", {"best": 1.0})
    assert kept.tracker.flush() == 0
    assert sorted(kept.all()) == ["t0", "t1"]


def test_a_study_gets_another_name(kept: Kept) -> None:
    kept.tracker.open_study("s", {"sampler": "tpe"})
    kept.tracker.open_study("warm", {"past": "s"})
    ids = [kept.tracker.record(record(f"s/{number}", number=number)).result() for number in range(2)]
    kept.tracker.flush()
    kept.delete(ids[1])
    kept.tracker.rename_run(ids[0], "my favourite")
    assert kept.tracker.rename_study("s", "better") == 3
    assert kept.tracker.rename_study("s", "better") == 0
    assert kept.reader.runs(study="s", deleted=None) == []
    runs = {run.name: run for run in kept.reader.runs(study="better", deleted=None)}
    assert runs.keys() == {"better", "my favourite", "better/1"}
    assert [runs[name].tags["sweeper.ref"] for name in sorted(runs)] == ["study:better", "better:1", "better:0"]
    assert runs["better/1"].deleted
    assert kept.run("warm").tags["past"] == "better"
    kept.tracker.record(replace(record("better/0", number=0), study="better")).result()
    assert len(kept.reader.runs(study="better", deleted=None)) == 3
