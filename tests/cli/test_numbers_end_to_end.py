"""A table whose target is a number, from search to predictions, with real processes; a search over class weights."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from sweeper.cli.app import invoke

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("warm")]

PRICES = ["dataset=csv", "dataset.target=price", "steps=40", "hidden=[8]", "validate_every=10", "batch_size=32"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of prices, one of classes, and a study of each."""
    made = tmp_path_factory.mktemp("numbers")
    rng = np.random.default_rng(0)
    area, age = rng.normal(100, 20, 160), rng.integers(0, 50, 160)
    price = 3000 * area - 1000 * age + rng.normal(0, 8000, 160)
    _write(made / "houses.csv", ("area", "age", "price"), zip(area.round(1), age, price.round(1), strict=True))
    kind = np.where(area + rng.normal(0, 10, 160) > 120, "large", "small")
    _write(made / "kinds.csv", ("area", "age", "kind"), zip(area.round(1), age, kind, strict=True))
    return made


def _write(path, names, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


@pytest.fixture
def typed(folder, capfd):
    """Runs a command over the folder; its document."""

    def run(command, *arguments):
        code = invoke([command, *arguments, "--runs", str(folder / "runs"), "--json"])
        out = capfd.readouterr()
        assert code == 0, out.err
        return json.loads(out.out)

    return run


def prices(folder):
    return [f"dataset.path={folder / 'houses.csv'}", *PRICES]


def test_weights_of_classes_reach_the_trials_of_a_search(folder, typed):
    data = ["dataset=csv", f"dataset.path={folder / 'kinds.csv'}", "dataset.target=kind", "steps=30", "batch_size=32"]
    space = ["class_weight=choice(none,balanced)", "--space", "none", "--sampler", "grid", "--confirm", "0"]
    typed("tune", *data, *space, "--trials", "2", "--study", "weights", "--pruner", "none")
    rows = typed("results", "weights")
    assert {row["class_weight"] for row in rows} == {"none", "balanced"}
    assert len({row["validation.loss"] for row in rows}) == 2


def test_a_number_from_the_search_to_predictions(folder, typed):
    space = ["learning_rate=tag(log,interval(1e-2,3e-1))", "--space", "none"]
    search = typed("tune", *prices(folder), *space, "--trials", "3", "--study", "prices", "--confirm", "0")
    assert search["objective"] == "validation.rmse"
    spread = search["dataset"]["target"]["spread"]
    assert 40_000 < spread < 80_000
    assert search["best"]["score"] == min(one["score"] for one in search["top"])
    again = typed("reproduce", "prices")
    assert again["identical"]
    assert again["differences"] == []
    tested = typed("test", "prices")["test"]
    assert tested["interval"][0] < tested["rmse"] < tested["interval"][1]
    assert tested["target"] == "price"
    rows = {row["number"]: row for row in typed("results", "prices")}
    assert rows[search["best"]["number"]]["test.rmse"] == pytest.approx(tested["rmse"])
    assert typed("report", "prices")["openings"] == 1
    report = (folder / "runs" / "reports" / "study-prices" / "report.md").read_text()
    assert "Test RMSE" in report
    assert f"{spread:.4g}" in report
    assert "ccuracy" not in report
    (folder / "new.csv").write_text("area,age\n150,0\n50,49\n")
    typed("predict", "prices", str(folder / "new.csv"), "-o", str(folder / "said.csv"))
    dear, cheap = (float(row["prediction"]) for row in csv.DictReader((folder / "said.csv").read_text().splitlines()))
    assert dear - cheap > spread


def test_a_run_over_folds_has_an_interval_in_the_unit_of_the_number(folder, typed):
    found = typed("run", *prices(folder), "validation.folds=3", "stop_after=2")["validation"]
    assert found["rmse"] == pytest.approx(np.mean(found["folds"]))
    assert 0 <= found["interval"][0] < found["rmse"] < found["interval"][1]
    assert (found["over"], found["level"]) == ("folds", 0.95)


def test_a_comparison_over_folds_is_of_its_objective(folder, typed):
    shared = [part for key in (*prices(folder), "validation.folds=3") for part in ("--with", key)]
    found = typed("compare", "learning_rate=1e-4", "learning_rate=0.1", *shared, "--repeats", "2")
    (pair,) = found["pairs"]
    assert (found["measure"]["key"], pair["over_folds"]["over"]) == ("rmse", "folds")
    assert pair["difference"] > 10_000
    assert pair["over_folds"]["low"] < pair["difference"] < pair["over_folds"]["high"]
