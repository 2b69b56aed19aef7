"""A test file of one's own is sealed like any other, read as the training file is, and checked before it is opened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import ledger, load, sealed
from sweeper.errors import InputError

RANDOM = np.random.default_rng(5)
VALIDATION = Validation(30)


def frame(count, labels=("a", "b", "c"), colours=("red", "green")):
    return pd.DataFrame(
        {
            "x": np.round(RANDOM.normal(size=count), 4),
            "colour": RANDOM.choice(colours, count),
            "day": pd.date_range("2026-01-01", periods=count).strftime("%Y-%m-%d"),
            "y": np.array(labels)[np.arange(count) % len(labels)],
        }
    )


@pytest.fixture
def save(bare_machine):
    """Writes the two files; the data set."""

    def write(train, test, kind="csv", **options):
        for name, table in (("train", train), ("test", test)):
            path = bare_machine / f"{name}.{kind}"
            table.to_csv(path, index=False) if kind == "csv" else table.to_parquet(path)
        paths = {"path": str(bare_machine / f"train.{kind}"), "test_path": str(bare_machine / f"test.{kind}")}
        return Dataset(kind, target="y", **paths, **options)

    return write


@pytest.fixture
def opened(bare_machine):
    def open_it(dataset):
        seen = []
        entry = sealed.evaluate(
            dataset, VALIDATION, ledger=bare_machine / "book", who="t", run="r", config_digest="c",
            score=lambda features, labels: seen.append((features, labels)) or {},
        )  # fmt: skip
        return entry["look"], *seen[0]

    return open_it


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_all_of_training_is_trained_on_and_all_of_the_test_file_is_sealed(save, opened, kind):
    train, test = frame(150), frame(60)
    split = load(save(train, test, kind), VALIDATION)
    assert split.sizes == {"train": 120, "validation": 30, "test": 60}
    assert split.seal == "own part"
    count, features, labels = opened(save(train, test, kind))
    assert (count, features.shape) == (1, (60, split.features))
    assert labels.tolist() == [0, 1, 2] * 20
    # Standardised by the training rows: the order of the test file's own numbers is kept, with one slope.
    slope = np.diff(features[:, 0].astype(float)) / np.diff(test["x"].to_numpy())
    assert np.allclose(slope, slope[0], rtol=1e-3)


def test_a_label_that_training_lacks_is_said_before_training_and_opens_nothing(save, opened, bare_machine):
    dataset = save(frame(150), frame(60, labels=("a", "b", "d")))
    for attempt in (lambda: load(dataset, VALIDATION), lambda: opened(dataset)):
        with pytest.raises(InputError, match="label 'd', which is in no training example"):
            attempt()
    assert not (bare_machine / "book").exists()


def test_a_category_that_training_lacks_is_all_zeros(save, opened):
    dataset = save(frame(150), frame(60, colours=("blue",)))
    _, features, _ = opened(dataset)
    assert np.all(features[:, 1:3] == 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table.drop(columns="x"), "has no column 'x'"),
        (lambda table: table.drop(columns="y"), "has no column 'y'"),
        (lambda table: table.assign(x="many"), "'x' holds no number values"),
        (lambda table: table.assign(day="soon"), "'day' holds no date values"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(save, change, told):
    with pytest.raises(InputError, match=told):
        load(save(frame(150), change(frame(60))), VALIDATION)


def test_missing_values_in_the_test_file_alone_are_filled_in(save, opened):
    test = frame(60)
    test.loc[3, "x"] = None
    _, features, _ = opened(save(frame(150), test))
    assert np.isfinite(features).all()


def test_rows_of_both_files_are_said(save):
    train = frame(150)
    split = load(save(train, pd.concat([train.iloc[:20], frame(40)])), VALIDATION)
    assert "warning: 20 of 60 rows of the test file are rows of training, too" in split.notes


def test_the_openings_of_its_rows_are_counted_whatever_is_trained_on(save, opened, bare_machine):
    test = frame(60)
    counts = [opened(save(frame(150), table))[0] for table in (test, test.sample(frac=1, random_state=0), frame(60))]
    assert counts == [1, 2, 1]
    assert ledger.verify(bare_machine / "book") == []


def test_a_relative_one_is_found_beside_the_training_file(save, bare_machine, monkeypatch):
    save(frame(150), frame(60))
    monkeypatch.chdir(bare_machine)
    dataset = Dataset("csv", path="train.csv", target="y", test_path="test.csv")
    digest = load(dataset, VALIDATION).digest
    monkeypatch.chdir("/")
    monkeypatch.setenv("SWEEPER_RUNS", str(bare_machine / "runs"))
    assert load(dataset, VALIDATION, digest).digest == digest
    with pytest.raises(InputError, match="there is no file gone"):
        load(Dataset("csv", path=str(bare_machine / "train.csv"), target="y", test_path="gone"), VALIDATION)


def test_a_word_that_is_neither_yes_nor_no_is_refused(save):
    train, test = (frame(count).assign(smokes=np.array(["yes", "no"])[np.arange(count) % 2]) for count in (150, 60))
    test.loc[7, "smokes"] = "sometimes"
    with pytest.raises(InputError, match=r"'smokes' holds no yes/no values.*'sometimes' in data row 8"):
        load(save(train, test), VALIDATION)


def test_one_of_another_format_is_named_so(save, bare_machine):
    dataset = save(frame(60), frame(30))
    frame(30).to_feather(bare_machine / "test.csv")
    with pytest.raises(InputError, match=r"test.csv is a Feather file, not csv") as told:
        load(dataset, VALIDATION)
    assert told.value.key == "dataset.test_path"
