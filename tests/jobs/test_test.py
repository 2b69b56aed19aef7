"""``sweeper test`` with everything real but the worker's own process."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from sweeper.data import ledger, load
from sweeper.errors import InputError, SweeperError
from sweeper.jobs import test as testing
from sweeper.jobs.shared.opening import LEDGER
from sweeper.jobs.test import score_on_test
from sweeper.tracking import open_reader
from sweeper.tracking import run_rows as results
from sweeper.tracking.recorded import find_trial
from sweeper.workers.inline import InlinePool
from tests.old_runs import BEST, RUN, STUDY, unpack

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("undrawn")]


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    for name in ("MLFLOW_TRACKING_URI", "SWEEPER_DATA"):
        monkeypatch.delenv(name, raising=False)

    @contextmanager
    def workers(_runs, _size, *, threads=1, **_):
        with InlinePool() as pool:
            yield pool

    monkeypatch.setattr(testing, "workers", workers)
    return unpack(tmp_path)


def events(runs):
    return [entry["event"] for entry in ledger.entries(runs / LEDGER)]


def test_a_recorded_model_is_scored_once_and_shown_again(runs):
    said = []
    document = score_on_test(RUN[:7], runs=runs, who="ann@lab", observe=said.append)
    assert document["test"]["opened"]
    assert len(document["test"]["per_seed"]) == 2
    assert 0 < document["test"]["accuracy"] < 0.5
    assert "1st opening" in said[0].text
    assert "359 examples" in said[0].text
    again = score_on_test(RUN, runs=runs, who="bob@lab")
    assert again["test"] == document["test"] | {"opened": False}
    assert events(runs) == ["opened", "result"]
    row = next(row for row in results.rows(open_reader(runs)) if row["run_id"] == RUN)
    assert row["test.accuracy"] == document["test"]["accuracy"]
    assert row["test.opening"] == 1
    assert (runs / "artifacts" / RUN / "artifacts" / "test" / "figures" / "confusion.png").exists()


@pytest.mark.parametrize(
    ("openings", "others", "said"),
    [
        (0, 0, ": 1st opening of this test set"),
        (2, 0, ": 3rd opening of this test set"),
        (1, 1, "; the earlier one was of another file, or of this one read otherwise, that shares its test rows"),
        (
            3,
            1,
            "; 1 of the 3 earlier ones was of another file, or of this one read otherwise, that shares its test rows",
        ),
        (
            3,
            2,
            "; 2 of the 3 earlier ones were of another file, or of this one read otherwise, that shares its test rows",
        ),
    ],
)
def test_the_notice_says_which_openings_were_of_another_file(runs, monkeypatch, openings, others, said):
    told = []
    found = testing.sealed.Unopened("csv", 20, openings, others)
    monkeypatch.setattr(testing.sealed, "unopened", lambda *_, **__: found)
    score_on_test(RUN, runs=runs, who="ann@lab", observe=told.append)
    assert told[0].text.endswith(said)


def test_the_accuracy_is_that_of_the_model_on_the_test_rows(runs, monkeypatch):
    from sweeper.data import sealed
    from sweeper.train.quiet import keras

    rows = []
    real = sealed.evaluate

    def listening(*arguments, score, **more):
        def both(features, labels):
            rows.append((features, labels))
            return score(features, labels)

        return real(*arguments, score=both, **more)

    monkeypatch.setattr(sealed, "evaluate", listening)
    found = score_on_test(f"{STUDY}:0", runs=runs)
    [(features, labels)] = rows
    path = runs / "artifacts" / found["run_id"] / "artifacts" / "models" / "seed_0" / "data" / "model.keras"
    predicted = np.asarray(keras.saving.load_model(path, compile=False)(features)).argmax(axis=1)
    assert found["test"]["accuracy"] == pytest.approx(float((predicted == labels).mean()))


def test_a_study_stands_for_its_best_trial_and_refit_trains_on_everything(runs, monkeypatch):
    specs = []
    real = testing.train
    monkeypatch.setattr(testing, "train", lambda group, *rest: specs.extend(group) or real(group, *rest))
    document = score_on_test(STUDY, runs=runs, refit=True)
    assert document["number"] == BEST
    assert document["run_id"] == find_trial(open_reader(runs), STUDY, BEST).run_id
    assert document["refit"]["openings"] == 2
    assert document["refit"]["accuracy"] != document["test"]["accuracy"]
    [spec] = specs
    assert spec.refit
    assert (spec.config["steps"], spec.config["epochs"]) == (40, None)
    assert not list(runs.glob("refit-*"))
    assert "trained again" in Path(document["refit"]["report"]["markdown"]).read_text().lower()
    again = score_on_test(STUDY, runs=runs, refit=True)
    assert (again["test"]["opened"], again["refit"]["opened"]) == (False, False)
    assert len(specs) == 1


def test_refit_joins_training_and_validation():
    from sweeper.config.schema import Dataset, Validation
    from sweeper.workers.run_group import _split

    dataset, validation = Dataset("digits"), Validation(300)
    apart, joined = load(dataset, validation), _split(dataset, validation, refit=True)
    assert len(joined.train) == len(joined.train_labels) == len(apart.train) + len(apart.validation)
    assert np.array_equal(joined.train[-300:], apart.validation)
    assert np.array_equal(joined.train_labels[-300:], apart.validation_labels)
    assert joined.digest == apart.digest


def test_what_cannot_be_tested_opens_nothing(runs):
    for called, message in (
        (f"{STUDY}:2", "did not finish: it was pruned"),
        ("nothing", "no run"),
        ("old:9", "has no trial 9"),
    ):
        with pytest.raises(InputError, match=message):
            score_on_test(called, runs=runs)
    for path in (runs / "artifacts" / RUN).rglob("*.keras"):
        path.unlink()
    with pytest.raises(SweeperError, match=r"models of the run .* are not there"):
        score_on_test(RUN, runs=runs)
    assert not (runs / LEDGER).exists()


@pytest.mark.usefixtures("warm")
def test_rows_that_a_run_may_have_seen_are_not_its_test_rows(tmp_path):
    import pandas as pd

    import sweeper
    from sweeper.jobs.compare import compare
    from sweeper.jobs.reproduce import reproduce

    path, random = tmp_path / "table.csv", np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200), "y": np.arange(200) % 2})
    frame.to_csv(path, index=False)
    keys = {"dataset.path": str(path), "dataset.target": "y", "runs": tmp_path / "runs", "progress": False}
    run = sweeper.run(dataset="csv", steps=5, **keys)
    frame.assign(empty="").to_csv(path, index=False)
    with pytest.raises(InputError, match=r"other rows of the table are sealed than when .* was trained"):
        score_on_test(run.run_id, runs=tmp_path / "runs", refit=True)
    assert events(tmp_path / "runs") == []
    other = sweeper.run(dataset="csv", steps=6, **keys)
    with pytest.raises(InputError, match=r"other rows of the table are sealed than when .* was trained"):
        compare([run.run_id, other.run_id], runs=tmp_path / "runs")
    again = reproduce(run.run_id, runs=tmp_path / "runs")
    assert not again["identical"]
    assert [row["what"] for row in again["circumstances"]] == ["sealed rows"]
    frame.to_csv(path, index=False)
    assert score_on_test(run.run_id, runs=tmp_path / "runs")["test"]["opened"]


@pytest.mark.usefixtures("warm")
def test_a_run_does_not_open_rows_that_were_not_sealed_while_it_trained(tmp_path, monkeypatch):
    import pandas as pd

    from sweeper.jobs import run as job

    path, random = tmp_path / "table.csv", np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200), "y": np.arange(200) % 2})
    frame.to_csv(path, index=False)
    trained = job.study_run

    def changes_meanwhile(*arguments, **more):
        ran = trained(*arguments, **more)
        frame.assign(empty="").to_csv(path, index=False)
        return ran

    monkeypatch.setattr(job, "study_run", changes_meanwhile)
    typed = ["dataset=csv", f"dataset.path={path}", "dataset.target=y", "steps=5"]
    with pytest.raises(InputError, match="other rows of the table are sealed than when it was trained"):
        job.run(typed, runs=tmp_path / "runs", test=True)
    assert events(tmp_path / "runs") == []
