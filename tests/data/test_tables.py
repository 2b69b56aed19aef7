"""Tables are read as they are meant: kinds of columns over all of their values, classes, missing values; or refused."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from sweeper.config.compose import compose
from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load, sealed
from sweeper.errors import InputError

RANDOM = np.random.default_rng(7)
N = 120
NUMBERS = np.round(RANDOM.normal(size=N), 3)
LABELS = np.array(["yes", "no", "perhaps"])[np.arange(N) % 3]
VALIDATION = Validation(20)


@pytest.fixture
def table(bare_machine):
    """Writes a file and reads it as training data; options are keys of the data set."""

    def read(content, kind="csv", **options):
        path = bare_machine / f"table.{kind}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, pa.Table):
            pa.parquet.write_table(content, path)
        elif kind == "csv":
            content.to_csv(path, index=False)
        else:
            content.to_parquet(path)
        validation = options.pop("validation", VALIDATION)
        dataset = Dataset(kind, path=str(path), **{"target": "y", **options})
        return load(dataset, validation), sealed.training(dataset, "", validation)

    return read


def frame(**columns):
    return pd.DataFrame({"x": NUMBERS, **columns, "y": LABELS})


def kinds(raw):
    return {column.name: column.kind for column in raw.columns if column.kind != "target"}


def said(split):
    return "\n".join(split.notes)


class TestKinds:
    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            (NUMBERS, "number"),
            ([f"{value:+.2e}" for value in NUMBERS], "number"),
            (np.arange(N) % 4 == 0, "yes/no"),
            (["Yes", "no"] * 60, "yes/no"),
            (["red", "green", "blue"] * 40, "category"),
            (["01", "7", "10"] * 40, "category"),
            (pd.date_range("2026-01-01", periods=N).strftime("%Y-%m-%d"), "date"),
            (pd.date_range("2026-01-01", periods=N, freq="h").astype(str), "date"),
            ([f"name {k}" for k in range(N)], "identifier"),
            (["same"] * N, "left out"),
            ([""] * N, "left out"),
        ],
    )
    def test_what_a_column_of_text_is_taken_for(self, table, values, kind):
        assert kinds(table(frame(c=values))[1]) == {"x": "number", "c": kind}

    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([decimal.Decimal("1.50"), decimal.Decimal("-2.25"), None] * 40, "number"),
            (pd.array([1, 2, None, 4] * 30, dtype="Int64"), "number"),
            (pd.array([True, False, None] * 40, dtype="boolean"), "yes/no"),
            (pd.Categorical([3, 1, 2] * 40), "category"),
            (pd.Categorical(["b", "a"] * 60), "category"),
            ([dt.date(2026, 1, 1 + k % 28) for k in range(N)], "date"),
            (pd.date_range("2026-01-01", periods=N, tz="Europe/Berlin"), "date"),
            ([dt.time(k % 24, 30) for k in range(N)], "number"),
            (np.float32(NUMBERS), "number"),
        ],
    )
    def test_what_a_column_of_parquet_is_taken_for(self, table, values, kind):
        split, raw = table(frame(c=values), "parquet")
        assert kinds(raw) == {"x": "number", "c": kind}
        assert np.isfinite(split.train).all()

    def test_a_duration_that_was_written_as_a_time_of_day_keeps_its_days(self, table):
        """As fastparquet writes it; readers make 06:00 of thirty hours."""
        hours = pa.array([k % 80 - 20 for k in range(N)], pa.int64())
        micro = pc.multiply(hours, 3_600_000_000)
        columns = {"x": NUMBERS, "y": LABELS}
        found = [
            table(pa.table({**columns, "c": made}), "parquet")
            for made in (micro.cast(pa.duration("us")), micro.cast(pa.time64("us")), pc.multiply(hours, 3600))
        ]
        assert [kinds(raw)["c"] for _, raw in found] == ["number"] * 3
        for split, _ in found[:2]:
            np.testing.assert_array_equal(split.train, found[2][0].train)

    def test_a_kind_is_that_of_the_whole_column_however_long_it_is(self, table):
        """Readers that infer by chunk give 1 in one and 01 in another."""
        rows = 60_000
        labels = np.array(["1", "2"], object)[np.arange(rows) % 2]
        labels[-10:] = "01"
        text = "x,c,y\n" + "".join(
            f"{k % 977},{k % 50 if k < rows - 9 else 'seven'},{label}\n" for k, label in enumerate(labels)
        )
        with pytest.raises(
            InputError, match=r"column 'c' has numbers in 59,991 rows and 9 other texts, the first 'seven'"
        ):
            table(text.encode(), target="y")
        split, _ = table(text.encode(), drop=("c",))
        assert split.classes == ("01", "1", "2")

    def test_columns_that_number_the_rows_are_left_out(self, table):
        split, raw = table(frame(id=RANDOM.permutation(N), customer_id=np.arange(N) + 500))
        assert kinds(raw) == {"x": "number", "id": "identifier", "customer_id": "identifier"}
        assert "columns left out: 'id' (it numbers the rows, no two alike)" in said(split)

    def test_what_is_told_is_done(self, table):
        content = frame(a=[f"n{k}" for k in range(N)], b=np.arange(N) % 5, c=RANDOM.integers(0, 9, N))
        _, raw = table(content, categories=("a", "b"), drop=("c",))
        assert kinds(raw) == {"x": "number", "a": "category", "b": "category", "c": "left out"}
        with pytest.raises(InputError, match="no such column: d"):
            table(content, drop=("d",))
        with pytest.raises(InputError, match="names the target"):
            table(content, categories=("y",))

    def test_an_index_that_was_saved_can_be_the_label(self, table):
        content = pd.DataFrame({"x": NUMBERS}, index=pd.Index(LABELS, name="y"))
        assert table(content, "parquet")[0].classes == ("no", "perhaps", "yes")
        unnamed = frame().set_index(np.arange(N)[::-1])
        assert kinds(table(unnamed, "parquet")[1])["x"] == "number"

    def test_nested_values_are_refused(self, table):
        content = pa.table({"x": NUMBERS, "c": [[1, 2]] * N, "y": LABELS})
        with pytest.raises(InputError, match="'c' holds list"):
            table(content, "parquet")
        assert table(content, "parquet", drop=("c",))[0].features == 1


class TestLong:
    """What is asked once of each different text of a long column comes out as for a short one."""

    ROWS = 12_000

    def long(self, **columns):
        return pd.DataFrame({"x": np.resize(NUMBERS, self.ROWS), **columns, "y": np.resize(LABELS, self.ROWS)})

    @pytest.mark.parametrize("spread", [365, 12_000])
    def test_dates_that_repeat_and_those_that_do_not(self, table, spread):
        days = np.arange(self.ROWS) % spread
        texts = (pd.Timestamp("1999-03-01") + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d").to_numpy(object)
        texts[7] = ""
        _, raw = table(self.long(c=texts))
        assert kinds(raw)["c"] == "date"
        known = raw.values[:, 1][~np.isnan(raw.values[:, 1])]
        assert set(known.tolist()) <= set((days + 10_651).tolist())
        assert len(known) > 0.7 * self.ROWS

    def test_a_text_that_is_no_date_is_named(self, table):
        content = self.long(c=["2026-01-31"] * (self.ROWS - 1) + ["2026-02-31"])
        with pytest.raises(InputError, match="has a text that is no date") as caught:
            table(content, dates=("c",))
        assert "2026-02-31" in caught.value.message

    @pytest.mark.parametrize("among", ["whole numbers", "fractions"])
    def test_one_number_led_by_zero_makes_texts_of_a_column(self, table, among):
        values = np.resize(np.arange(1, 40), self.ROWS) + (0.5 if among == "fractions" else 0)
        texts = [f"{value:g}" for value in values]
        assert kinds(table(self.long(c=texts))[1])["c"] == "number"
        texts[-2] = "007"
        assert kinds(table(self.long(c=texts))[1])["c"] == "category"

    def test_zero_and_what_is_below_one_are_no_such_numbers(self, table):
        texts = np.resize(["0", "0.5", "10", "0.0"], self.ROWS)
        assert kinds(table(self.long(c=texts))[1])["c"] == "number"

    def test_labels_of_text(self, table):
        split, _ = table(self.long())
        assert split.classes == ("no", "perhaps", "yes")
        counts = np.bincount(np.concatenate([split.train_labels, split.validation_labels]))
        assert counts.sum() == self.ROWS - split.test_size
        short, _ = table(self.long().iloc[:900])
        assert short.classes == split.classes

    def test_a_label_that_is_missing_far_down_is_named_with_its_row(self, table):
        content = self.long()
        content.loc[self.ROWS - 1, "y"] = None
        with pytest.raises(InputError, match=f"'y' lacks 1 values, the first in data row {self.ROWS}"):
            table(content)


class TestText:
    CONTENT = frame(c=["grün", "blau"] * 60)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_encodings(self, table, encoding):
        plain, _ = table(self.CONTENT)
        split, raw = table(self.CONTENT.to_csv(index=False).encode(encoding))
        assert raw.columns[1].categories == ("blau", "grün")
        assert split.digest == plain.digest
        assert ("cp1252" in said(split)) == (encoding == "cp1252")

    @pytest.mark.parametrize(
        "content",
        [
            b"\x78\x5e" + zlib.compress(np.random.default_rng(0).bytes(5000)),
            bytes([0, 0, 8, 3]) + bytes(800),
            bytes([66, 77, 198, 5, 0, 0, 0, 0]) + bytes([0xDB, 0, 0xDB, 0xDC]) * 400,
        ],
    )
    def test_what_is_no_text_is_called_so(self, table, content):
        with pytest.raises(InputError, match=f"is no text: it begins with the bytes {content[:4].hex(' ')}"):
            table(content)

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
    def test_a_stray_control_character_is_none_of_the_bytes_that_no_text_has(self, table, encoding):
        text = self.CONTENT.to_csv(index=False).replace("blau", "bl\x01au", 1)
        _, raw = table(text.encode(encoding))
        assert raw.columns[1].categories == ("bl\x01au", "blau", "grün")

    def test_a_packed_file_is_read_whatever_it_is_called(self, table):
        plain, _ = table(self.CONTENT)
        split, _ = table(gzip.compress(self.CONTENT.to_csv(index=False).encode()))
        assert split.digest == plain.digest

    @pytest.mark.parametrize("separator", [";", "\t", "|", ","])
    def test_separators(self, table, separator):
        plain, _ = table(self.CONTENT)
        split, _ = table(self.CONTENT.to_csv(index=False, sep=separator).encode())
        assert split.digest == plain.digest
        named, _ = table(self.CONTENT.to_csv(index=False, sep=separator).encode(), separator=separator)
        assert named.digest == plain.digest

    def test_decimal_commas_behind_semicolons(self, table):
        plain, _ = table(frame())
        split, raw = table(frame().to_csv(index=False, sep=";", decimal=",").encode())
        assert split.digest == plain.digest
        assert raw.columns[0].why == "with decimal commas"

    @pytest.mark.parametrize(("value", "thousands", "decimal"), [("1,234", 1234, 1.234), ("12,345", 12345, 12.345)])
    def test_a_mark_that_may_be_either_is_asked_about(self, table, value, thousands, decimal):
        content = frame(c=[value, "2,500", "1,000"] * 40)
        with pytest.raises(InputError, match="may stand for thousands or for a fraction") as caught:
            table(content)
        assert 'dataset.thousands="' in caught.value.hint
        for option, largest in ({"thousands": ","}, max(thousands, 2500)), ({"decimal": ","}, max(decimal, 2.5)):
            _, raw = table(content, **option)
            assert raw.values[:, 1].max() == largest

    def test_blanks_do_not_count(self, table):
        plain, _ = table(frame(c=["a", "b"] * 60))
        content = frame(c=[" a ", "b "] * 60).to_csv(index=False).replace(",", ", ").encode()
        split, _ = table(content)
        assert (split.digest, split.classes) == (plain.digest, ("no", "perhaps", "yes"))

    def test_without_a_header(self, table):
        content = frame().to_csv(index=False, header=False).encode()
        with pytest.raises(InputError, match="its first line looks like data") as caught:
            table(content)
        assert "dataset.header=false" in caught.value.hint
        split, _ = table(content, header=False, target="column_2")
        assert sum(split.sizes.values()) == N

    def test_names_of_numbers_are_names(self, table):
        assert kinds(table(frame().rename(columns={"x": "0"}))[1]) == {"0": "number"}

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"x,y,y\n1,a,b\n", "two columns of the name 'y'"),
            (b"x,y\n1,a\n2,b,c\n", "Expected 2 columns, got 3"),
            (b"x,y\n1,a\n2\n", "Expected 2 columns, got 1"),
            (b"y\na\nb\n", "no column but the target"),
            (b"x,y\n", "no rows"),
            (b"x,y\n1,a\n1,b\n1,a\n", "no column to train on"),
        ],
    )
    def test_what_is_no_table_is_refused(self, table, content, told):
        with pytest.raises(InputError, match=told) as caught:
            table(content)
        assert "\n" not in caught.value.message


class TestMissing:
    @pytest.mark.parametrize("mark", ["?", "NA", "", "null", "-", "n/a"])
    def test_a_mark_among_numbers_is_a_missing_value_and_said_with_its_row(self, table, mark):
        values = [*map(str, range(1, N)), mark]
        split, raw = table(frame(c=values))
        assert kinds(raw)["c"] == "number"
        assert f"missing values: 1 in 'c' (the first in data row {N}" in said(split)
        assert split.features == 2 + (np.isnan(raw.values).any() and split.features == 3)

    def test_the_training_median_stands_for_it_and_a_feature_says_so(self, table):
        values = np.where(np.arange(N) % 4 == 0, np.nan, np.arange(N) ** 2.0)
        split, raw = table(frame(c=values))
        assert split.features == 3
        filled = split.train[:, 2] > 0
        assert filled.mean() == pytest.approx(0.25, abs=0.15)
        known = split.train[~filled, 1]
        assert len(np.unique(split.train[filled, 1])) == 1
        assert np.median(known) == pytest.approx(split.train[filled, 1][0], abs=0.1)
        assert np.isnan(raw.values[:, 1]).any()

    def test_missing_categories_are_one_of_their_own(self, table):
        split, _ = table(frame(c=["a", "b", None, "a"] * 30))
        assert split.features == 1 + 3
        assert np.all(split.train[:, 1:].sum(axis=1) == 1)

    def test_other_marks_can_be_named(self, table):
        content = frame(c=[*range(N - 2), "unknown", "unknown"])
        with pytest.raises(InputError, match="2 other texts, the first 'unknown' in data row 119") as caught:
            table(content)
        assert "dataset.missing_markers=['unknown']" in caught.value.hint
        assert kinds(table(content, missing_markers=("unknown",))[1])["c"] == "number"

    def test_they_can_be_refused_or_dropped(self, table):
        content = frame(c=[None, *range(1, N)])
        with pytest.raises(InputError, match="'c' lacks 1 values, the first in data row 1") as caught:
            table(content, missing="refuse")
        assert caught.value.key == "dataset.missing"
        split, _ = table(content, missing="drop")
        assert sum(split.sizes.values()) == N - 1
        assert "1 of 120 rows lack a value and are left out" in said(split)


class TestLabels:
    @pytest.mark.parametrize(
        ("labels", "classes"),
        [
            (["1", "2", "10"], ("1", "2", "10")),
            (["1.0", "2.0", "1"], ("1", "2")),
            (["01", "1", "002"], ("002", "01", "1")),
            (["NA", "EU", "None"], ("EU", "NA", "None")),
            (["True", "False", "True"], ("False", "True")),
            (["ja ", "ja", "nein"], ("ja", "nein")),
            (["日本", "中国", "한국"], ("中国", "日本", "한국")),
        ],
    )
    def test_classes(self, table, labels, classes):
        content = pd.DataFrame({"x": NUMBERS, "y": labels * 40})
        assert table(content)[0].classes == classes

    def test_booleans_are_the_same_in_either_format(self, table):
        content = pd.DataFrame({"x": NUMBERS, "y": np.arange(N) % 2 == 0})
        assert table(content)[0].digest == table(content, "parquet")[0].digest

    def test_they_can_be_told_to_be_text_or_numbers(self, table):
        content = pd.DataFrame({"x": NUMBERS, "y": ["1", "01", "2"] * 40})
        assert table(content, labels="numbers")[0].classes == ("1", "2")
        assert table(content.assign(y=["1", "2", "10"] * 40), labels="text")[0].classes == ("1", "10", "2")


class TestDigest:
    def test_it_covers_content_columns_kinds_and_rules(self, table):
        content = frame(c=np.arange(N) % 5, g=np.arange(N) // 3)
        digests = [
            table(content)[0].digest,
            table(content.assign(x=NUMBERS + 1))[0].digest,
            table(content.rename(columns={"c": "d"}))[0].digest,
            table(content, categories=("c",))[0].digest,
            table(content, drop=("c",))[0].digest,
            table(content, target="c")[0].digest,
            table(content.iloc[:-1])[0].digest,
            table(content, validation=Validation(20, group="g"))[0].digest,
        ]
        assert len(set(digests)) == len(digests)

    def test_leaving_a_column_out_moves_no_row_into_training(self, table):
        content = frame(c=np.arange(N) % 5)
        [first, again] = (set(table(content, **keys)[1].values[:, 0]) for keys in ({}, {"drop": ("c",)}))
        assert first == again

    def test_keys_that_came_later_leave_recorded_configurations_their_digest(self):
        plain = Config()
        assert plain.to_dict()["dataset"] == {"name": "mnist", "path": "", "target": "", "train_size": 0}
        assert plain.to_dict()["validation"] == {"size": 5000.0, "seed": 0}
        typed = compose(["dataset=csv", "dataset.path=a", "dataset.target=b", "dataset.drop=c", "dataset.header=false"])
        assert typed.dataset.drop == ("c",)
        assert Config.from_dict(typed.to_dict()) == typed
        assert typed.digest != compose(["dataset=csv", "dataset.path=a", "dataset.target=b"]).digest
