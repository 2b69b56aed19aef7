"""Tables of the catalog inside Python packages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sweeper.config.compose import compose
from sweeper.config.schema import Dataset, Validation
from sweeper.data import catalog, ledger, load, sealed
from sweeper.data.sealed import _known
from sweeper.errors import InputError

DIABETES, TWENTY = Dataset("diabetes"), Validation(0.2)


@pytest.fixture
def frame():
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True, scaled=False).frame


@pytest.fixture
def own(frame, tmp_path):
    """The same table as a file of one's own."""
    frame.to_csv(tmp_path / "own.csv", index=False)
    return Dataset("csv", path=str(tmp_path / "own.csv"), target="target", task="regression")


def opened(dataset: Dataset, book: Path):
    """The test rows and their numbers, and the how-manieth opening it was."""
    found = []
    entry = sealed.evaluate(
        dataset, TWENTY, ledger=book, who="t", run="r", config_digest="c", score=lambda *each: found.extend(each) or {}
    )
    return (*found, entry["look"])


def test_it_is_what_its_package_reads(frame):
    raw = sealed.training(DIABETES)
    names = [column.name for column in raw.columns]
    assert (names[:-1], raw.target, raw.classes) == (list(frame.columns[:-1]), names[-1], ())
    known = {(*row,) for row in frame.to_numpy()}
    assert {(*row, number) for row, number in zip(raw.values, raw.numbers, strict=True)} < known
    entry = catalog.KNOWN["diabetes"]
    assert (len(raw.values), raw.test_size) == (entry.train, entry.test)
    assert entry.train + entry.test == len(frame)


def test_it_is_divided_sealed_and_encoded_like_the_same_table_in_a_file(own, tmp_path):
    book = tmp_path / "book"
    features, numbers, first = opened(DIABETES, book)
    others, same, second = opened(own, book)
    assert np.array_equal(features, others)
    assert np.array_equal(numbers, same)
    assert (first, second) == (1, 2)
    assert sealed.unopened(own, TWENTY, ledger=book).of_others == 1
    assert ledger.verify(book) == []
    here, there = load(DIABETES, TWENTY), load(own, TWENTY)
    assert np.array_equal(here.train, there.train)
    assert np.array_equal(here.validation_labels, there.validation_labels)
    assert here.target.scale == pytest.approx(here.train_labels.std())


def test_a_file_of_other_content_is_refused(monkeypatch, tmp_path):
    features = _known._package_path("diabetes")
    changed = tmp_path / "diabetes.csv"
    changed.write_text("60" + _known.idx.content(features).decode()[2:])
    real = _known._path_in
    monkeypatch.setattr(
        _known, "_path_in", lambda package, inner: changed if "data_raw" in inner else real(package, inner)
    )
    with pytest.raises(InputError, match="diabetes inside the package sklearn is not the one"):
        sealed.training(DIABETES)


def test_without_its_package_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setattr(_known, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="sklearn, which carries diabetes, is not installed") as caught:
        sealed.training(DIABETES)
    assert "reinstall sweeper" in caught.value.hint


def test_it_has_no_columns_to_divide_by():
    with pytest.raises(InputError, match=r"validation.group does nothing with dataset=diabetes"):
        compose(["dataset=diabetes", "validation.group=age"])


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
def test_new_rows_are_predicted_by_the_names_of_its_columns(frame, tmp_path):
    import sweeper

    run = sweeper.run(dataset="diabetes", hidden=[4], steps=60, runs=tmp_path / "runs", progress=False)
    assert run.document["dataset"]["target"]["name"] == "progression"
    found = sweeper.predict(run, frame.drop(columns="target").iloc[::-1])
    assert len(found) == len(frame)
    assert np.corrcoef(found["prediction"], frame["target"].iloc[::-1])[0, 1] > 0.5
