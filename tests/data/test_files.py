"""Files of one's own: npz, csv and parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, sealed
from sweeper.errors import InputError

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.arange(60) % 3


def test_an_archive_with_both_parts_keeps_its_own_test_part(archive):
    path = archive(x_train=X, y_train=Y, x_test=X[:9], y_test=Y[:9])
    split = load(Dataset("npz", path=path), Validation(12))
    assert split.sizes == {"train": 48, "validation": 12, "test": 9}
    assert (split.classes, split.shape) == (("0", "1", "2"), (4,))
    found = np.concatenate([split.train, split.validation])
    # Standardised: each feature is its column, shifted and divided.
    assert np.allclose(split.train.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(split.train.std(axis=0), 1, rtol=1e-6)
    shares = [(np.sort(part, axis=0) - part.min(axis=0)) / np.ptp(part, axis=0) for part in (found, X)]
    assert np.allclose(*shares, atol=1e-6)


def test_an_archive_in_one_piece_gives_a_fifth_to_the_test_split(archive):
    split = load(Dataset("npz", path=archive(x=X, y=Y)), Validation(12))
    assert sum(split.sizes.values()) == 60
    assert split.sizes["validation"] == 12
    assert split.sizes["test"] == pytest.approx(12, abs=3 * (60 * 0.2 * 0.8) ** 0.5)
    assert split.seal == "by content"


def test_pictures_lie_from_0_to_1_whatever_type_they_are_saved_in(archive):
    images = np.random.default_rng(1).integers(0, 256, (60, 2, 2), dtype=np.uint8)
    images[0] = 255
    split = load(Dataset("npz", path=archive(x_train=images, y_train=Y, x_test=images, y_test=Y)), Validation(12))
    assert split.shape == (2, 2)
    assert max(split.train.max(), split.validation.max()) == 1
    for kind in (np.int64, np.uint16, np.float32, np.float64):
        saved = images.astype(kind)
        other = load(Dataset("npz", path=archive(x_train=saved, y_train=Y, x_test=saved, y_test=Y)), Validation(12))
        low = split.train.min()  # of the training rows alone
        assert np.allclose(other.train, (split.train - low) / (1 - low), atol=1e-6)
    shares = (images / 255).astype(np.float32)
    split = load(Dataset("npz", path=archive(x_train=shares, y_train=Y, x_test=shares, y_test=Y)), Validation(12))
    assert set(split.train.ravel()) <= set(shares.ravel())


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"x_train": X, "y_train": Y}, "has the arrays x_train, y_train"),
        ({"x": X, "y": Y[:-1]}, r"x has the shape \(60, 4\) and y \(59,\)"),
        ({"x": X, "y": X[:, 0]}, "fractions"),
        ({"x": np.full((60, 4), np.nan), "y": Y}, "missing, infinite"),
        ({"x": np.full((60, 4), 1e200), "y": Y}, "enormous"),
        ({"x": X.astype("U8"), "y": Y}, "not numbers"),
        ({"x": X.astype(object), "y": Y}, "[Pp]ickle"),
        ({"x": np.zeros((0, 4)), "y": np.zeros(0)}, "shape"),
    ],
)
def test_an_archive_that_cannot_be_used_is_refused_with_the_reason(archive, arrays, told):
    path = archive(**arrays)
    with pytest.raises(InputError, match=told) as caught:
        load(Dataset("npz", path=path), Validation(12))
    assert path in caught.value.message


def test_texts_that_were_saved_as_objects_are_labels(archive):
    split = load(Dataset("npz", path=archive(x=X, y=np.array(["a", "b", "ü"], object)[Y])), Validation(12))
    assert split.classes == ("a", "b", "ü")


class Runs:
    """Would make a file when it is read."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return Path(self.path).touch, ()


def test_nothing_that_an_archive_holds_is_run(archive, bare_machine):
    labels = np.array(["a", "b", "c"], object)[Y]
    labels[0] = Runs(bare_machine / "ran")
    with pytest.raises(InputError, match="its labels hold"):
        load(Dataset("npz", path=archive(x=X, y=labels)), Validation(12))
    assert not (bare_machine / "ran").exists()


def test_labels_that_are_no_ascii_bytes_are_read_as_text(archive):
    labels = np.array([text.encode() for text in ("grün", "blau", "rot")])[Y]
    assert load(Dataset("npz", path=archive(x=X, y=labels)), Validation(12)).classes == ("blau", "grün", "rot")
    with pytest.raises(InputError, match="no UTF-8"):
        load(Dataset("npz", path=archive(x=X, y=np.array([b"gr\xfcn", b"blau", b"rot"])[Y])), Validation(12))


def test_labels_in_a_column_are_labels(archive):
    plain = load(Dataset("npz", path=archive(x=X, y=Y)), Validation(12))
    assert load(Dataset("npz", path=archive(x=X, y=Y[:, None])), Validation(12)).digest == plain.digest


@pytest.mark.parametrize(("of_train", "of_test"), [(np.uint8, np.float64), (np.float32, np.uint8)])
def test_a_test_part_of_another_type_is_in_the_unit_of_training(archive, bare_machine, of_train, of_test):
    images = np.random.default_rng(1).integers(0, 256, (60, 2, 2), dtype=np.uint8)

    def saved(kind):
        return images if kind == np.uint8 else (images / 255).astype(kind)

    dataset = Dataset("npz", path=archive(x_train=saved(of_train), y_train=Y, x_test=saved(of_test), y_test=Y))
    seen = []
    sealed.evaluate(
        dataset, Validation(12), ledger=bare_machine / "book", who="t", run="r", config_digest="c",
        score=lambda features, _: seen.append(features) or {},
    )  # fmt: skip
    assert np.allclose(seen[0], images.reshape(60, 4) / 255, atol=1e-6)


def test_a_truncated_archive_is_refused(archive, bare_machine):
    content = Path(archive(x=X, y=Y)).read_bytes()
    path = bare_machine / "torn.npz"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="torn"):
        load(Dataset("npz", path=str(path)), Validation(12))


@pytest.mark.parametrize("path", ["", "nowhere.npz"])
@pytest.mark.parametrize("name", ["npz", "csv", "parquet"])
def test_a_file_that_is_not_there_is_refused(name, path):
    with pytest.raises(InputError) as caught:
        load(Dataset(name, path=path, target="y"), Validation(12))
    assert caught.value.key == "dataset.path"


TABLE = pd.DataFrame(
    {
        "size": np.arange(90, dtype=float),
        "colour": np.array(["red", "green", "blue"])[np.arange(90) % 3],
        "kind": np.array(["plum", "apple"])[np.arange(90) % 2],
        "ripe": np.arange(90) % 5 == 0,
    }
)


def save(table, folder, name):
    path = folder / f"table.{name}"
    table.to_csv(path, index=False) if name == "csv" else table.to_parquet(path)
    return str(path)


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_a_table_becomes_features_of_its_training_rows(bare_machine, name):
    split = load(Dataset(name, path=save(TABLE, bare_machine, name), target="kind"), Validation(12))
    assert sum(split.sizes.values()) == 90
    assert split.sizes["validation"] == 12
    assert split.sizes["test"] == pytest.approx(18, abs=3 * (90 * 0.2 * 0.8) ** 0.5)
    assert split.classes == ("apple", "plum")
    # size, three colours, ripe
    assert split.shape == (5,)
    assert split.train[:, [0, 4]].mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert split.train[:, [0, 4]].std(axis=0) == pytest.approx([1, 1], rel=1e-6)
    assert set(np.unique(split.train[:, 1:4])) == {0, 1}
    assert np.all(split.train[:, 1:4].sum(axis=1) == 1)


def test_a_table_is_the_same_data_in_either_format(bare_machine):
    splits = [
        load(Dataset(name, path=save(TABLE, bare_machine, name), target="kind"), Validation(12))
        for name in ("csv", "parquet")
    ]
    assert splits[0].digest == splits[1].digest
    assert np.array_equal(splits[0].train, splits[1].train)


def test_a_target_of_another_column_is_other_data(bare_machine):
    path = save(TABLE, bare_machine, "csv")
    digests = {load(Dataset("csv", path=path, target=t), Validation(12)).digest for t in ("kind", "colour", "ripe")}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("change", "target", "told", "key"),
    [
        ({}, "", "dataset.target is empty", "dataset.target"),
        ({}, "kinds", "no column 'kinds'", "dataset.target"),
        ({"kind": [None] + ["a", "b", "c"] * 29 + ["a", "b"]}, "kind", "'kind' lacks 1 values", "dataset.missing"),
        ({"size": [float("inf")] * 90}, "kind", "'size' has infinite", "dataset.path"),
        ({}, "size", "class '0' has 1", "dataset.path"),
        ({"kind": 0.5}, "kind", "the target is 0.5 in every row", "dataset.target"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_reason(bare_machine, change, target, told, key):
    path = save(TABLE.assign(**change), bare_machine, "csv")
    with pytest.raises(InputError, match=told) as caught:
        load(Dataset("csv", path=path, target=target), Validation(12))
    assert caught.value.key == key
    assert path in caught.value.message or key == "dataset.path"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("csv", b""),
        ("csv", b"\xff\xfe\x00"),
        ("csv", b"a,b\n1,2,3,4\n5\n"),
        ("csv", b"a,b\n"),
        ("csv", b'a,b\n"unclosed'),
        ("csv", b"kind\n1\n2\n"),
        ("parquet", b"PAR1 but no more"),
        ("npz", b"PK\x03\x04 but no more"),
    ],
)
def test_noise_is_no_table(bare_machine, name, content):
    path = bare_machine / "noise"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load(Dataset(name, path=str(path), target="kind"), Validation(12))
    assert "\n" not in caught.value.message


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["csv", "npz", "parquet"]),
    st.one_of(st.binary(max_size=200), st.text(alphabet='a,"\n1.-\t \r', max_size=60)),
)
def test_any_bytes_are_loaded_or_refused(bare_machine, name, content):
    path = bare_machine / "fuzz"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        load(Dataset(name, path=str(path), target="a"), Validation(12))
    assert "\n" not in caught.value.message


def test_a_test_part_of_another_shape_is_said_before_anything_is_opened(archive):
    with pytest.raises(
        InputError, match=r"x_test has the shape \(9, 2\) and y_test \(9,\), beside x_train of \(60, 4\)"
    ):
        load(Dataset("npz", path=archive(x_train=X, y_train=Y, x_test=X[:9, :2], y_test=Y[:9])), Validation(12))
    with pytest.raises(InputError, match=r"x_test has the shape \(8, 4\)"):
        load(Dataset("npz", path=archive(x_train=X, y_train=Y, x_test=X[:8], y_test=Y[:9])), Validation(12))


def test_dates_are_labels_and_records_are_none(archive):
    days = np.array(["2024-01-01", "2024-01-02"], "M8[D]")[np.arange(60) % 2]
    assert load(Dataset("npz", path=archive(x=X, y=days)), Validation(12)).classes == ("2024-01-01", "2024-01-02")
    for odd in (np.ones(60, [("a", int)]), np.ones(60, complex)):
        with pytest.raises(InputError, match="which are no labels"):
            load(Dataset("npz", path=archive(x=X, y=odd)), Validation(12))


def test_text_as_polars_writes_it(tmp_path):
    words = pa.array([str(number % 3) + "w" for number in range(60)]).cast(pa.string_view())
    table = pa.table({"x": X[:, 0], "word": words, "y": pa.array(["ab"[k % 2] for k in Y]).cast(pa.string_view())})
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    split = load(Dataset("parquet", path=str(tmp_path / "t.parquet"), target="y"), Validation(12))
    assert [column.kind for column in split.columns] == ["number", "category", "target"]


def test_numbers_too_long_to_be_told_apart_are_not_said_to_be_the_same(tmp_path):
    table = pd.DataFrame({"x": X[:, 0], "long": np.arange(60, dtype=np.uint64) + np.uint64(2**63), "y": Y})
    table.to_parquet(tmp_path / "t.parquet")
    split = load(Dataset("parquet", path=str(tmp_path / "t.parquet"), target="y"), Validation(12))
    assert split.columns[1].why == "all its values are the same as far as 15 digits tell"
