"""What gives a label away is said with its number, and clean tables are left in peace; groups and time divide."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sweeper.config.compose import compose
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, sealed
from sweeper.errors import InputError

RANDOM = np.random.default_rng(11)
N = 240
LABELS = RANDOM.choice(["a", "b"], N)


def frame(labels=LABELS, **columns):
    noise = {f"x{k}": np.round(RANDOM.normal(size=len(labels)), 4) for k in range(3)}
    return pd.DataFrame(noise | columns | {"y": labels})


@pytest.fixture
def save(bare_machine):
    def write(table, **options):
        path = bare_machine / "table.csv"
        table.to_csv(path, index=options.pop("index", False))
        return Dataset("csv", path=str(path), target="y", **options)

    return write


def warnings(dataset, validation=None):
    return [note for note in load(dataset, validation or Validation(40)).notes if note.startswith("warning")]


class TestLeaks:
    def test_the_label_under_another_name(self, save):
        (line,) = warnings(save(frame(copy=np.where(LABELS == "a", "yes", "no"))))
        assert "'copy' says the label" in line
        assert "dataset.drop=[copy]" in line

    def test_the_label_as_a_number(self, save):
        (line,) = warnings(save(frame(code=np.where(LABELS == "a", 7, 3))))
        assert "'code' says the label" in line

    def test_a_name_of_sorted_rows_with_gaps(self, save):
        (line,) = warnings(save(frame(np.sort(LABELS), visit=np.arange(N) * 7)))
        assert "'visit' has no two values alike, and the classes in blocks" in line
        assert warnings(save(frame(visit=np.arange(N) * 7))) == []

    def test_persons_of_one_label_but_for_one_of_them(self, save):
        labels = np.repeat(RANDOM.permutation(["a", "b"] * 20), 6)
        labels[0] = "b" if labels[0] == "a" else "a"
        persons = [f"P{n // 6}" for n in range(N)]
        (line,) = warnings(save(frame(labels, person=persons)))
        assert "'person' gives the label away: each of its 40 values" in line
        assert "validation.group=person" in line
        assert warnings(save(frame(person=persons))) == []

    def test_a_strong_feature_of_a_few_values_is_none(self, save):
        smell = RANDOM.choice(list("pqrstuvw"), N)
        labels = np.where(smell < "t", "a", "b")
        labels[:9] = np.where(labels[:9] == "a", "b", "a")
        assert warnings(save(frame(labels, smell=smell))) == []

    def test_equal_rows_of_coarse_columns_are_no_copies(self, bare_machine):
        coarse = RANDOM.integers(0, 3, N)
        table = pd.DataFrame({"p": coarse, "q": coarse, "r": 2 - coarse, "s": coarse // 2, "y": LABELS})
        table = pd.concat([table, table.assign(p=table.p + RANDOM.integers(0, 9, N))])
        table.to_csv(bare_machine / "t.csv", index=False)
        dataset = Dataset("csv", path=str(bare_machine / "t.csv"), target="y")
        assert not any("have equals" in line and "both" not in line for line in warnings(dataset))

    def test_a_second_column_of_the_labels_name(self, save, bare_machine):
        dataset = save(frame())
        text = (bare_machine / "table.csv").read_text().splitlines()
        (bare_machine / "table.csv").write_text("\n".join(f"{line},{line.split(',')[-1]}" for line in text))
        with pytest.raises(InputError, match="two columns of the name 'y'"):
            load(dataset, Validation(40))

    def test_an_index_of_rows_that_are_sorted_by_class(self, save):
        dataset = save(frame(np.sort(LABELS)), index=True)
        split = load(dataset, Validation(40))
        assert split.features == 3
        assert any("it numbers the rows" in note for note in split.notes)

    def test_a_count_of_sorted_rows_under_another_name(self, save):
        (line,) = warnings(save(frame(np.sort(LABELS), sequence=np.arange(N) + 1)))
        assert "'sequence' counts the rows, which are sorted by class" in line

    def test_people_whose_rows_have_one_label(self, save):
        people = np.arange(N) // 12
        labels = np.array(["a", "b"])[RANDOM.integers(0, 2, 20)][people]
        dataset = save(frame(labels, person=people))
        (line,) = warnings(dataset)
        assert "'person' gives the label away: each of its 20 values has rows of one label (100%)" in line
        (line,) = warnings(dataset, Validation(40, group="person"))
        assert "of only 3 values of 'person': its score says little about others" in line or "of only 4" in line

    def test_equal_rows(self, save):
        (line,) = warnings(save(pd.concat([frame().iloc[:60]] * 4)))
        assert "rows have equals" in line

    def test_labels_that_follow_time(self, save):
        days = pd.date_range("2026-01-01", periods=N).strftime("%Y-%m-%d")
        dataset = save(frame(np.repeat(["a", "b", "a", "b", "a", "b"], 40), day=days))
        (line,) = warnings(dataset)
        assert "rows next to each other in 'day' have the same label in" in line
        assert "validation.time=day" in line

    @pytest.mark.parametrize("step", [1, 10**6])
    def test_a_number_that_says_the_label_is_found_however_far_apart_its_values_are(self, save, step):
        (line,) = warnings(save(frame(code=np.where(LABELS == "a", -3 * step, 7 * step))))
        assert "'code' says the label: each of its 2 values" in line

    @pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
    def test_clean_tables_are_left_in_peace(self, save, name):
        from sklearn import datasets

        table = getattr(datasets, f"load_{name}")(as_frame=True).frame
        assert warnings(save(table.rename(columns={"target": "y"}))) == []

    def test_a_few_equal_rows_and_those_of_few_and_coarse_columns_are_no_warning(self, save):
        table = frame()
        assert warnings(save(pd.concat([table, table.iloc[:10]]))) == []
        coarse = pd.DataFrame({"a": RANDOM.integers(0, 12, N), "b": RANDOM.integers(0, 12, N), "y": LABELS})
        assert warnings(save(coarse)) == []

    def test_equal_rows_that_leave_no_other_way_are_divided_and_said(self, save):
        labels = np.repeat(["a", "b", "c"], 20)
        table = pd.DataFrame({"count": [*(n // 2 for n in range(20)), *([100] * 20), *range(200, 220)], "y": labels})
        notes = load(save(table), Validation(0.2)).notes
        assert any("equal rows are on both sides" in note for note in notes)

    @pytest.mark.parametrize("seed", range(5))
    def test_noise_is_left_in_peace(self, save, seed):
        random = np.random.default_rng(seed)
        more = {
            "colour": random.choice(["red", "green", "blue"], N),
            "count": random.integers(0, 30, N),
            "day": pd.date_range("2026-01-01", periods=N).strftime("%Y-%m-%d"),
        }
        assert warnings(save(frame(random.choice(["a", "b", "c"], N), **more))) == []


class TestGroups:
    PEOPLE = RANDOM.integers(0, 60, N)

    def parts(self, dataset, validation):
        """The first feature of training, validation and sealed rows, back in the table's own numbers."""
        split, seen = load(dataset, validation), []
        sealed.evaluate(
            dataset, validation, ledger=Path(f"{dataset.path}.ledger"), who="t", run="r", config_digest="c",
            score=lambda features, _: seen.append(features) or {},
        )  # fmt: skip
        return [part[:, 0].astype(float) for part in (split.train, split.validation, seen[0])]

    def rows_of(self, table, parts):
        """The rows of each part: standardising keeps the order, and no two values are alike."""
        everything = np.concatenate(parts)
        ranked = table["x0"].to_numpy().argsort()
        places = everything.argsort().argsort()
        ends = np.cumsum([0, *map(len, parts)])
        return [ranked[places[start:end]] for start, end in pairwise(ends)]

    def unique(self, table):
        return table.assign(x0=RANDOM.permutation(len(table)) + 0.5)

    @pytest.mark.parametrize("seed", range(3))
    def test_no_group_is_in_two_parts(self, save, seed):
        table = self.unique(frame(person=self.PEOPLE))
        parts = self.rows_of(table, self.parts(save(table), Validation(40, seed=seed, group="person")))
        people = [set(table["person"].to_numpy()[rows].tolist()) for rows in parts]
        assert sum(map(len, people)) == len(set.union(*people)) == len(set(self.PEOPLE.tolist()))
        assert sum(map(len, parts)) == N
        assert len(parts[1]) == pytest.approx(40, abs=12)

    def test_the_group_is_no_feature(self, save):
        assert load(save(frame(person=self.PEOPLE)), Validation(40, group="person")).features == 3

    def test_more_rows_of_the_same_people_move_nobody(self, save):
        table = frame(person=self.PEOPLE)
        validation = Validation(40, group="person")
        first = sealed.training(save(table), "", validation).groups
        again = sealed.training(save(pd.concat([table, frame(person=self.PEOPLE[::-1])])), "", validation).groups
        assert set(first.tolist()) == set(again.tolist())

    def test_time_seals_the_latest_and_validates_on_the_latest_of_the_rest(self, save):
        days = RANDOM.permutation(N)
        table = self.unique(frame(day=pd.Timestamp("2026-01-01") + pd.to_timedelta(days, unit="D")))
        parts = self.rows_of(table, self.parts(save(table), Validation(40, time="day")))
        train, validation, test = (days[rows] for rows in parts)
        assert train.max() < validation.min()
        assert validation.max() < test.min()
        assert (len(validation), len(test)) == (40, 48)
        assert load(save(table), Validation(40, time="day")).seal == "by time"

    @pytest.mark.parametrize("key", ["group", "time"])
    def test_the_keys_are_for_tables(self, key):
        with pytest.raises(InputError, match=f"validation.{key} does nothing with dataset=digits"):
            compose(["dataset=digits", f"validation.{key}=x"])

    def test_not_both(self):
        with pytest.raises(InputError, match=r"both validation\.group and validation\.time"):
            compose(["dataset=csv", "dataset.path=a", "dataset.target=b", "validation.group=c", "validation.time=d"])


def test_a_number_by_another_rule_is_seen_by_its_ranks(save):
    number = np.round(RANDOM.normal(size=N), 6)
    table = frame(number, grown=np.exp(number), coarse=np.round(number))
    (line,) = warnings(save(table, task="regression"))
    assert "'grown' gives the number away (correlation of ranks 1.0000)" in line
    assert not warnings(save(frame(number, near=number + RANDOM.normal(scale=0.2, size=N)), task="regression"))
