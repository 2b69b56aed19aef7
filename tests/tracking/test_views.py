from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweeper.errors import InputError
from sweeper.jobs.browse import _scores, views
from sweeper.tracking import RunRecord, StoredRun
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.mlflow.views import ALL, View, page, short_page, view_key, write_views

Make = Callable[..., RunRecord]


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def runs(tmp_path: Path, make: Make) -> Path:
    """A folder with a study of three trials, one of them pruned, and a single run."""
    folder = tmp_path / "runs"
    with MlflowTracker(folder) as tracker:
        tracker.open_study("first", {"objective": "validation.loss,parameters"})
        for number, status in enumerate(["finished", "finished", "pruned"]):
            config = {"activation": ["relu", "tanh"][number % 2], "hidden": [50], "seed": 0, "repeats": 1}
            record = make(f"first/{number}", study="first", number=number, config=config, status=status)
            tracker.record(replace(record, score=0.1 * number if status == "finished" else None))
        tracker.close_study("first", "finished", {})
        tracker.record(replace(make("alone"), score=0.9))
    return folder


def tags(runs: Path) -> dict[str, str]:
    with closing(sqlite3.connect(runs / "mlflow.db")) as database:
        return dict(database.execute("SELECT key, value FROM experiment_tags"))


def state(runs: Path, study: str) -> dict[str, Any]:
    tag = json.loads(tags(runs)[f"mlflow.sharedViewState.{view_key(study)}"])
    assert isinstance(tag["createdAt"], int)
    found: dict[str, Any] = json.loads(tag["state"])
    return found


def test_single_runs_are_not_behind_the_trials_of_studies(runs: Path) -> None:
    everything, first = views(runs)
    assert (everything.study, everything.filter) == (ALL, "tags.kind != 'trial'")
    assert everything.created > first.created  # MLflow's menu has the latest first


def test_a_study_is_shown_by_what_it_is_judged_by_and_what_differs(runs: Path) -> None:
    _, first = views(runs)
    assert first.filter == "tags.kind = 'trial' AND tags.study = 'first'"
    assert first.ascending  # a loss: the least is the best
    assert "params.`activation`" in first.columns
    assert {"params.`hidden`", "params.`seed`"}.isdisjoint(first.columns)
    assert "metrics.`parameters`" in first.columns
    assert not [name for name in first.columns if "curves/" in name]  # cut in MLflow's headings, and said by the score
    assert first.order == "metrics.`score`"  # which a pruned trial has not
    assert first.order in first.columns


def test_a_study_of_an_earlier_version_is_shown_by_what_that_recorded() -> None:
    kept = {"final/validation.accuracy": 0.9, "validation.accuracy": 0.8}
    old = [StoredRun("", "a", "FINISHED", 0, 1, {}, kept, {"status": "finished"})] * 2
    order, columns = _scores(old, ["final/validation.accuracy"], ["validation.accuracy"])
    assert order == "metrics.`final/validation.accuracy`"
    assert columns == [order, "metrics.`validation.accuracy`"]
    new = [StoredRun("", "b", "FINISHED", 0, 1, {}, kept | {"score": 0.9}, {"status": "finished"})]
    assert _scores(old + new, ["final/validation.accuracy"], [])[0] == order
    assert _scores(old + new * 2, ["final/validation.accuracy"], [])[0] == "metrics.`score`"


def test_a_pruned_trial_of_an_earlier_version_does_not_lead(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was pruned at may be more than the best one's last value: such trials are sorted by what both have."""
    with MlflowTracker(tmp_path) as tracker:
        tracker.open_study("old", {})
        for number, status in enumerate(["finished", "pruned"]):
            tracker.record(make(f"old/{number}", study="old", number=number, status=status))
    monkeypatch.setattr("sweeper.jobs.browse.SCORE", "what there was not yet")
    _, old = views(tmp_path)
    assert old.order == "metrics.`final/validation.accuracy`"
    assert old.filter.endswith("AND tags.status != 'pruned'")


def test_a_study_that_is_not_there_is_named_with_the_nearest(runs: Path) -> None:
    with pytest.raises(InputError, match="frist") as caught:
        views(runs, "frist")
    assert "first" in f"{caught.value.message} {caught.value.hint}"


def test_views_replace_what_was_written_before_and_leave_what_a_person_saved(runs: Path) -> None:
    uri = f"sqlite:///{runs}/mlflow.db"
    saved = {"mlflow.sharedViewState.1795": "somebody's", "mlflow.note.content": "mine"}
    with closing(sqlite3.connect(runs / "mlflow.db")) as database, database:
        experiment = str(database.execute("SELECT experiment_id FROM runs").fetchone()[0])
        rows = [(experiment, *row) for row in saved.items()]
        database.executemany("INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)", rows)
    write_views(uri, experiment, views(runs))
    assert state(runs, "first")["searchFilter"] == "tags.kind = 'trial' AND tags.study = 'first'"
    assert state(runs, "first")["selectedColumns"] == state(runs, "first")["columnOrder"]
    later = View("later", "later", "tags.study = 'later'", "metrics.`score`", False, (), 1.0)
    write_views(uri, experiment, [later])
    assert state(runs, "later")["orderByKey"] == "metrics.`score`"
    assert f"mlflow.sharedViewState.{view_key('first')}" not in tags(runs)
    assert saved.items() <= tags(runs).items()


def test_mlflow_takes_the_views_by_its_own_interface_too(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweeper.tracking.mlflow.views.sqlite_file", lambda _: None)
    uri = f"sqlite:///{runs}/mlflow.db"
    with closing(sqlite3.connect(runs / "mlflow.db")) as database:
        experiment = str(database.execute("SELECT experiment_id FROM runs").fetchone()[0])
    write_views(uri, experiment, views(runs))
    assert state(runs, "first")["orderByAsc"] is True
    write_views(uri, experiment, [])
    assert not [key for key in tags(runs) if key.startswith("mlflow.sharedViewState.")]


def test_addresses_hold_any_name() -> None:
    assert page("", "first") == "/#/experiments"
    assert page("7").endswith("/7/runs?workflowType=machine_learning&viewStateShareKey=sweeper.all")
    assert view_key("all") != view_key(ALL)
    assert view_key("a&b") != view_key("a|b")
    assert "&b" not in page("7", "a&b")
    assert short_page("50 %") == "/sweeper/50%20%25"
