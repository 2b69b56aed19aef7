"""A table with a number to predict, from Python: trained, read, shown new rows, compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sweeper

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("warm")]

ROWS = 240


@pytest.fixture(scope="module")
def frame():
    """The price is 1,000 to 3,000 times a plain rule of columns of every kind, and a little noise."""
    random = np.random.default_rng(11)
    area = random.uniform(20, 120, ROWS).round(2)
    kind = random.choice(["flat", "house"], ROWS)
    garden = random.choice(["yes", "no"], ROWS)
    built = pd.Timestamp("1990-01-01") + pd.to_timedelta(random.integers(0, 9000, ROWS), unit="D")
    rooms = random.integers(1, 6, ROWS).astype(float)
    price = 1000.0 + 20 * area + 300 * (kind == "house") + 100 * rooms + random.normal(0, 30, ROWS)
    rooms[random.random(ROWS) < 0.1] = np.nan
    frame = pd.DataFrame({"area": area, "kind": kind, "garden": garden, "rooms": rooms})
    return frame.assign(built=built.strftime("%Y-%m-%d"), price=price.round(2))


@pytest.fixture(scope="module")
def table(frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "prices.csv"
    frame.to_csv(path, index=False)
    data = {"name": "csv", "path": path, "target": "price"}
    return {"dataset": data, "validation": {"size": 0.25}, "hidden": [8]}


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    return sweeper.run(**table, steps=300, repeats=2, runs=tmp_path_factory.mktemp("runs"), progress=False)


def test_a_regression_has_errors_in_the_targets_unit(run, frame):
    scores = run.validation
    assert (scores.accuracy, scores.main) == (None, "rmse")
    rmse, mae, r2 = (scores.metrics[name] for name in ("rmse", "mae", "r2"))
    spread = run.dataset["target"]["spread"]
    assert run.dataset["target"]["name"] == "price"
    assert spread == pytest.approx(frame["price"].std(), rel=0.2)
    assert 25 < mae < rmse < 0.7 * spread  # prices, not standard deviations
    assert scores.interval[0] < rmse < scores.interval[1]
    by_seed = [1 - (one / spread) ** 2 for one in scores.per_seed]
    assert r2 == pytest.approx(np.mean(by_seed), rel=1e-4)
    assert rmse == pytest.approx(np.mean(scores.per_seed))


def test_its_frame_and_its_page_speak_of_these_scores(run):
    frame = run.to_frame()
    assert list(frame.columns) == ["loss", "rmse", "mae", "r2", "low", "high"]
    assert list(frame.index) == ["train", "validation"]
    assert frame.loc["validation", "rmse"] == run.validation.metrics["rmse"]
    page = run._repr_html_()
    assert "errors are in the unit of price" in page
    assert "accuracy" not in page


def test_a_frame_is_predicted_like_the_file_of_it(run, frame, table, tmp_path):
    rows = frame.drop(columns="price")
    rows.to_csv(tmp_path / "new.csv", index=False)
    found = sweeper.predict(run, rows)
    assert found.equals(sweeper.predict(run, tmp_path / "new.csv"))
    assert list(found.columns) == ["prediction", "note"]
    error = np.sqrt(np.mean((found["prediction"] - frame["price"]) ** 2))
    assert 0.5 * run.train.metrics["rmse"] < error < 1.5 * run.validation.metrics["rmse"]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda rows: rows[rows.columns[::-1]], True),
        (lambda rows: rows.set_index(np.arange(ROWS)[::-1]), True),
        (lambda rows: rows.assign(built=pd.to_datetime(rows["built"])), True),
        (lambda rows: rows.assign(kind=rows["kind"].astype("category"), garden=rows["garden"] == "yes"), True),
        (lambda rows: rows.assign(rooms=rows["rooms"].astype("Int64")), True),
        (lambda rows: rows.assign(area=rows["area"] + 10), False),
    ],
    ids=["columns in another order", "an index", "dates", "a category and a truth", "nullable", "other rows"],
)
def test_a_frame_may_have_the_types_that_pandas_has(run, frame, change, same):
    rows = frame.drop(columns="price")
    found, changed = sweeper.predict(run, rows)["prediction"], sweeper.predict(run, change(rows))["prediction"]
    assert np.allclose(found, changed, rtol=1e-9) == same


def test_a_frame_without_a_column_is_refused_by_its_name(run, frame):
    with pytest.raises(sweeper.InputError, match=r"the rows: .*'area'"):
        sweeper.predict(run, frame.drop(columns=["price", "area"]))


def test_a_row_unlike_training_is_noted(run, frame):
    rows = frame.drop(columns="price").head(3).assign(kind=["flat", "castle", "house"])
    notes = sweeper.predict(run, rows)["note"].fillna("")
    assert ["castle" in note for note in notes] == [False, True, False]


def test_a_comparison_of_errors_says_which_interval_decides(table, tmp_path):
    found = sweeper.compare(
        {"steps": 5}, {"steps": 300}, repeats=3, shared=table, runs=tmp_path, progress=False, workers=1
    )
    [pair] = found.pairs
    assert found.document["measure"]["key"] == "rmse"
    assert (pair["verdict"], pair["verdict_by"]) == ("worse", "seeds")
    assert pair["difference"] > 20
    page = found._repr_html_()
    assert page.index("interval over seeds</th>") < page.index("over examples, too</th>")
    assert found.document["verdicts_by"] in page
