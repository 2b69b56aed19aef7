from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from sweeper.tracking import RunRecord, StoredRun
from sweeper.tracking.describe import points_of
from sweeper.tracking.mlflow.client_rows import connect
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.shown import plain, plain_curves, score_tags, shown_metric, shown_points, shown_tags
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Scores

Make = Callable[..., RunRecord]


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_a_page_has_a_chart_for_each_curve_and_none_for_its_end(make: Make, tmp_path: Path) -> None:
    with MlflowTracker(tmp_path) as tracker:
        tracker.record(make("a", study="s", number=0))
    client = connect(f"sqlite:///{tmp_path}/mlflow.db")
    run = client.search_runs([str(tracker.reader.experiments()[0].experiment_id)])[0]  # type: ignore[attr-defined]
    curves = {f"curves/{split}.{score}" for split in ("train", "validation") for score in ("accuracy", "loss")}
    assert {key for key in run.data.metrics if "/" in key} == curves | {"schedule/learning_rate", "schedule/epoch"}
    assert not [key for key in run.data.metrics if key.startswith("final/")]
    seen = {key for key in run.data.tags if not key.startswith("mlflow.")}
    assert {"study", "kind", "number", "status", "overrides", "data.name"} <= seen
    assert not [key for key in seen if key in {"host", "pid", "process_start", "platform"} or "version" in key]
    assert not [key for key in seen if "digest" in key]


def test_what_is_hidden_is_read_back(make: Make, tmp_path: Path) -> None:
    record = make("a", train=Scores((math.nan,), (0.1 + 0.2,)), validation=Scores((math.inf,), (0.7,)))
    with MlflowTracker(tmp_path) as tracker:
        tracker.record(record)
    reader = MlflowReader(tmp_path)
    (run,) = reader.runs()
    assert math.isnan(run.metrics["final/train.loss"])
    assert run.metrics["final/train.accuracy"] == 0.1 + 0.2
    assert run.metrics["final/validation.loss"] == math.inf
    assert run.metrics["seconds.total"] == 3.0
    assert run.tags["data.digest"] == "d" * 64
    assert run.tags["pid"].isdigit()
    assert [step for step, _ in reader.curves(run)["learning_rate"]] == [50, 100]


def test_many_members_fit_into_tags(make: Make) -> None:
    members = 300
    many = Scores(tuple(1 / (n + 3) for n in range(members)), (0.5,) * members)
    points = points_of(make("a", train=many, validation=many, config={"seed": 0, "repeats": members}))
    tags = score_tags(points)
    assert max(map(len, tags.values())) < 8000
    read = plain(StoredRun("", "a", "FINISHED", 0, 1, {}, {}, dict(tags))).metrics
    assert read == {each.key: each.value for each in points if each.key.startswith("final/")}


def test_names_lead_there_and_back_and_those_of_earlier_records_stay(make: Make) -> None:
    points = points_of(make("a"))
    shown = shown_points(points)
    there = plain_curves({each.key: [(each.step, each.value)] for each in shown})
    assert there.keys() == {each.key for each in points if not each.key.startswith("final/")}
    before = StoredRun("", "a", "FINISHED", 0, 1, {}, {"final/train.loss": 1.0, "seconds.total": 2.0}, {"host": "h"})
    assert plain(before).metrics == {"final/train.loss": 1.0, "seconds.total": 2.0}
    assert plain(before).tags == {"host": "h"}
    assert shown_tags({"version.keras": "3", "study": "s"}) == {"mlflow.sweeper.version.keras": "3", "study": "s"}
    assert shown_metric("score") == "score"


def test_a_study_has_its_data_set(tmp_path: Path) -> None:
    facts = {"data": '{"name": "digits", "digest": "abcdefghijk"}', "sizes": '{"train": 9}'}
    with MlflowTracker(tmp_path) as tracker:
        run_id = tracker.open_study("s", facts).result()
        tracker.close_study("s", "finished", {"score": 0.5})
    (data,) = connect(f"sqlite:///{tmp_path}/mlflow.db").get_run(run_id).inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("digits", "abcdefgh")
