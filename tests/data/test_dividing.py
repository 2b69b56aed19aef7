"""The column that says which rows belong together, or their order in time, whatever it would be taken for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sweeper.config.compose import compose
from sweeper.data import load
from sweeper.errors import InputError

ROWS = 120


@pytest.fixture
def table(tmp_path):
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(ROWS, 2)).round(3), columns=["a", "b"])
    frame["patient"] = [f"P{row // 2 if row < 60 else row}" for row in range(ROWS)]
    frame["name"] = [f"N{row}" for row in range(ROWS)]
    frame["ward"] = draw.choice(["north", "south"], ROWS)
    frame["id"] = np.arange(ROWS)[::-1]
    frame["day"] = pd.date_range("2026-01-01", periods=ROWS).strftime("%d.%m.%Y")
    frame["label"] = np.where(frame.a > 0, "yes, ill", "well")
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return path


def split_of(path, *overrides):
    config = compose(["dataset=csv", f"dataset.path={path}", "dataset.target=label", *overrides])
    return load(config.dataset, config.validation, "")


def columns(split):
    return {column.name: column for column in split.columns}


def test_persons_with_mostly_one_row_each_are_groups_although_they_look_like_identifiers(table):
    assert columns(split_of(table))["patient"].kind == "identifier"
    found = columns(split_of(table, "validation.group=patient"))["patient"]
    assert (found.kind, len(found.categories)) == ("group", 90)


@pytest.mark.parametrize("name", ["name", "id", "a"])
def test_a_column_that_no_two_rows_share_groups_nothing(table, name):
    if name == "a":
        frame = pd.read_csv(table)
        frame["a"] = np.arange(ROWS) * 0.5
        frame.to_csv(table, index=False)
    with pytest.raises(InputError, match=rf"no two rows share a value of '{name}'") as caught:
        split_of(table, f"validation.group={name}")
    assert "missing" not in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["ward", "name", "day"])
def test_texts_have_no_order_in_time(table, name):
    with pytest.raises(InputError, match=rf"column '{name}' has no order in time") as caught:
        split_of(table, f"validation.time={name}")
    assert f"dataset.dates=[{name}]" in caught.value.hint


@pytest.mark.parametrize("more", [["id"], ["day", "dataset.dates=[day]", "dataset.date_format='%d.%m.%Y'"]])
def test_what_counts_the_rows_or_is_read_as_a_date_has_an_order(table, more):
    name, *overrides = more
    assert columns(split_of(table, f"validation.time={name}", *overrides))[name].kind == "time"
