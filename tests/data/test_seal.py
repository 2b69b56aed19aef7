"""A row is sealed by its own content: however its table is saved, it is not trained on, and openings are found."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import ledger, load, sealed
from sweeper.data.partition import sealed_by_content
from sweeper.data.row_keys import of_array
from sweeper.errors import InputError

RANDOM = np.random.default_rng(3)
ROWS = 570
TABLE = pd.DataFrame(
    {
        "size": np.round(RANDOM.normal(50, 9, ROWS), 3),
        "colour": RANDOM.choice(["red", "green", "blue"], ROWS),
        "count": RANDOM.integers(0, 99, ROWS),
        "label": RANDOM.choice(["yes", "no"], ROWS, p=[0.37, 0.63]),
    }
)
NUMBERS = TABLE.drop(columns=["colour"])
VALIDATION = Validation(50)


@pytest.fixture
def save(bare_machine):
    """Writes a table under a name, in the format that the name says; the data set."""

    def write(table, name="table.csv", **options):
        path = bare_machine / name
        kind = name.rpartition(".")[2]
        if kind == "csv":
            table.to_csv(path, index=False, **options)
        elif kind == "parquet":
            table.to_parquet(path)
        else:
            features = table.drop(columns="label").to_numpy(np.float64)
            np.savez(path, x=features, y=table["label"].to_numpy().astype(str))
        return Dataset(kind, path=str(path), target="" if kind == "npz" else "label")

    return write


@pytest.fixture
def rows_of(bare_machine):
    """The sizes (which name a row) of a data set's sealed rows, and those of all others."""

    def parts(dataset, table, digest="", validation=VALIDATION):
        seen = []
        sealed.evaluate(
            dataset, validation, ledger=bare_machine / "apart.jsonl", who="t", run="r", config_digest="c",
            score=lambda features, _: seen.append(features) or {}, data_digest=digest,
        )  # fmt: skip
        split = load(dataset, validation, digest)
        rest = np.concatenate([split.train, split.validation])[:, 0].astype(float)
        everything = np.concatenate([rest, seen[0][:, 0]])
        low, width = everything.min(), np.ptp(everything)
        known = np.sort(table["size"].unique())

        def back(features):
            values = known.min() + (features - low) / width * np.ptp(known)
            return known[np.abs(known[None, :] - values[:, None]).argmin(axis=1)]

        return set(back(seen[0][:, 0]).tolist()), set(back(rest).tolist())

    return parts


def unique_sizes(table):
    """A table in which a size names its row."""
    return table.drop_duplicates("size")


BASE = unique_sizes(TABLE)


@pytest.mark.parametrize(
    ("change", "name", "options"),
    [
        (lambda table: table, "t.csv", {"lineterminator": "\r\n"}),
        (lambda table: table, "t.csv", {"quoting": 2}),
        (lambda table: table.sample(frac=1, random_state=1), "t.csv", {}),
        (lambda table: table, "t.parquet", {}),
        (lambda table: table.sample(frac=1, random_state=2), "t.parquet", {}),
        (lambda table: table.rename(columns={"count": "n"}), "t.csv", {}),
        (lambda table: table.astype({"count": float}), "t.csv", {}),
        (lambda table: table[["label", "size", "colour", "count"]], "t.csv", {}),
        (lambda table: table[["size", "count", "label", "colour"]], "t.csv", {}),
        (lambda table: table.astype({"size": np.float32}), "t.parquet", {}),
    ],
    ids=[
        "line ends",
        "quotes",
        "order",
        "parquet",
        "parquet in order",
        "names",
        "1.0 for 1",
        "label first",
        "columns in another order",
        "single precision",
    ],
)
def test_a_table_saved_otherwise_has_the_same_rows_sealed(save, rows_of, change, name, options):
    first = rows_of(save(BASE), BASE)
    again = rows_of(save(change(BASE), name, **options), BASE)
    assert again == first
    assert not first[0] & first[1]
    assert 0.1 < len(first[0]) / len(BASE) < 0.3


def test_an_archive_of_the_same_numbers_has_the_same_rows_sealed(save, rows_of):
    table = unique_sizes(NUMBERS)
    assert rows_of(save(table), table) == rows_of(save(table, "t.npz"), table)


@pytest.mark.parametrize("more", [1, 10, 300])
def test_more_rows_or_fewer_move_no_row_to_the_other_side(save, rows_of, more):
    part, whole = BASE.iloc[:-more], BASE
    of_part, of_whole = rows_of(save(part), part), rows_of(save(whole), whole)
    assert of_part[0] <= of_whole[0]
    assert of_part[1] <= of_whole[1]


def test_a_corrected_label_moves_no_row(save, rows_of):
    corrected = BASE.assign(label=np.where(BASE.index % 7 == 0, "no", BASE["label"]))
    assert rows_of(save(corrected), BASE) == rows_of(save(BASE), BASE)


def test_rows_that_are_equal_lie_on_one_side(save, rows_of):
    table = pd.concat([BASE.iloc[:200]] * 3)
    found = rows_of(save(table), table)
    assert not found[0] & found[1]


def test_where_equal_rows_are_the_rule_each_copy_is_by_itself():
    values = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 250)
    labels = np.array([0, 0, 0, 1] * 250)
    cut = sealed_by_content(labels, of_array(values))
    assert len(cut.taken) == pytest.approx(200, abs=4 * (1000 * 0.2 * 0.8) ** 0.5)
    for part in (cut.taken, cut.rest):
        assert len(np.unique(values[part], axis=0)) == 4


@pytest.mark.parametrize("seed", range(20))
def test_every_class_is_on_both_sides_however_small(seed):
    random = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], [3, 4, 30])
    cut = sealed_by_content(labels, of_array(random.normal(size=(37, 2))))
    assert np.bincount(labels[cut.taken]).min() >= 1
    assert np.bincount(labels[cut.rest]).min() >= 2
    assert np.array_equal(np.sort(np.concatenate([cut.taken, cut.rest])), np.arange(37))


def test_a_class_of_equal_rows_is_on_both_sides_too():
    values = np.vstack([np.ones((5, 2)), np.arange(40).reshape(20, 2)])
    labels = np.repeat([0, 1], [5, 20])
    cut = sealed_by_content(labels, of_array(values))
    assert set(labels[cut.taken]) == set(labels[cut.rest]) == {0, 1}


def test_a_class_too_small_is_refused():
    with pytest.raises(InputError, match="class number 1 has 2 examples"):
        sealed_by_content(np.array([0] * 9 + [1] * 2), of_array(np.arange(22).reshape(11, 2)))


class TestOpenings:
    @pytest.fixture
    def opened(self, bare_machine):
        """Opens the test split; the how-manieth opening that was."""

        def open_it(dataset, digest=""):
            entry = sealed.evaluate(
                dataset, VALIDATION, ledger=bare_machine / "book", who="t", run="r", config_digest="c",
                score=lambda *_: {}, data_digest=digest,
            )  # fmt: skip
            return entry["look"]

        return open_it

    def test_they_are_counted_over_every_form_of_a_table(self, save, opened, bare_machine):
        forms = [
            save(BASE.iloc[:-1]),
            save(BASE, "more.csv"),
            save(BASE.sample(frac=1, random_state=1), "order.csv"),
            save(BASE, "t.parquet"),
            save(BASE.iloc[: len(BASE) // 2], "half.csv"),
        ]
        assert [opened(form) for form in forms] == [1, 2, 3, 4, 5]
        told = sealed.unopened(forms[0], VALIDATION, ledger=bare_machine / "book")
        assert (told.openings, told.of_others) == (5, 4)
        assert ledger.verify(bare_machine / "book") == []

    def test_other_rows_are_other_data(self, save, opened):
        other = BASE.assign(size=BASE["size"] + 1)
        assert [opened(save(BASE)), opened(save(other, "other.csv"))] == [1, 1]

    def test_those_of_the_first_rule_are_counted_too(self, save, opened):
        dataset = save(BASE)
        assert opened(dataset, first_digest(dataset)) == 1
        assert opened(dataset) == 2

    def test_the_ledger_holds_keys_and_no_values(self, save, opened, bare_machine):
        opened(save(BASE))
        text = (bare_machine / "book").read_text()
        assert not any(f"{size}" in text for size in BASE["size"] if size > 10)
        assert "green" not in text


def first_digest(dataset):
    """The digest that the first rule gave a table, written from its description."""
    return hashlib.sha256(Path(dataset.path).read_bytes() + b"\0" + dataset.target.encode()).hexdigest()


class TestTheFirstRule:
    def test_what_is_bound_to_it_is_read_and_sealed_as_then(self, save, rows_of):
        """Positions from a run of the version before: the sealed rows' sizes of this very table."""
        table = BASE.iloc[:30]
        dataset = save(table)
        digest = first_digest(dataset)
        split = load(dataset, Validation(6), digest)
        assert (split.digest, split.seal, split.sizes) == (
            digest,
            "by digest",
            {"train": 18, "validation": 6, "test": 6},
        )
        of_then = rows_of(dataset, table, digest, validation=Validation(6))[0]
        assert of_then == {47.468, 47.808, 47.853, 48.06, 52.032, 54.338}
        assert load(dataset, Validation(6)).seal == "by content"
        assert load(dataset, Validation(6)).earlier == (digest,)

    def test_an_archive_bound_to_it_is_taken_as_it_is(self, archive):
        x, y = RANDOM.normal(size=(60, 4)) * 100, np.arange(60) % 3
        path = archive(x=x, y=y)
        digest = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
        split = load(Dataset("npz", path=path), Validation(12), digest)
        assert (split.digest, split.seal) == (digest, "by digest")
        assert split.sizes == {"train": 36, "validation": 12, "test": 12}
        assert set(split.train.ravel().tolist()) <= set(x.astype(np.float32).ravel().tolist())

    def test_pictures_of_bytes_with_a_test_part_of_their_own_are_what_they_were(self, archive):
        x, y = RANDOM.integers(0, 256, (60, 4, 4), dtype=np.uint8), np.arange(60) % 3
        split = load(Dataset("npz", path=archive(x_train=x, y_train=y, x_test=x, y_test=y)), Validation(12))
        assert split.digest == hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
        assert (split.seal, split.earlier) == ("own part", ())
