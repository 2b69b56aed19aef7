"""Columns that look like something else: said with the keys that read them, and read by these as they are meant."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sweeper.config.compose import compose
from sweeper.data import load, sealed
from sweeper.data.portable.values import of_columns

ROWS = 60


def rows(tmp_path, texts, *options, separator=","):
    """The table's notes and its rows as they are read, with a column `c` of these texts."""
    quoted = [f'"{text}"' if separator in text else text for text in texts]
    lines = [separator.join((str(n * n % 97), text, "abc"[n % 3])) for n, text in enumerate(quoted)]
    (tmp_path / "t.csv").write_text("\n".join([separator.join(("x", "c", "label")), *lines]) + "\n", encoding="utf-8")
    path = f"dataset.path={tmp_path}/t.csv"
    config = compose(["dataset=csv", path, "dataset.target=label", *options])
    split = load(config.dataset, config.validation)
    raw = sealed.training(config.dataset, split.digest, config.validation)
    return split, {column.name: column for column in raw.columns}, raw


def days(form):
    first = dt.date(2025, 1, 1)
    return [(first + dt.timedelta(days=n)).strftime(form) for n in range(ROWS)]


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%y", "%Y/%m/%d", "%d %b %Y", "%Y%m%d"])
def test_dates_that_are_no_iso_dates_are_said_and_read_by_their_form(tmp_path, form):
    split, columns, _ = rows(tmp_path, days(form))
    (line,) = [note for note in split.notes if "looks like dates" in note]
    assert "dataset.dates=[c] dataset.date_format=" in line
    assert columns["c"].kind != "date"
    split, columns, raw = rows(tmp_path, days(form), "dataset.dates=[c]", f"dataset.date_format='{form}'")
    assert columns["c"].kind == "date"
    assert not any("looks like" in note for note in split.notes)
    first = (dt.date(2025, 1, 1) - dt.date(1970, 1, 1)).days
    assert set(raw.values[:, 1]) <= set(range(first, first + ROWS))


def test_a_date_of_another_form_is_one_line(tmp_path):
    from sweeper.errors import InputError

    with pytest.raises(InputError, match="a text that is no date") as caught:
        rows(tmp_path, days("%d.%m.%Y"), "dataset.dates=[c]", "dataset.date_format='%m.%d.%Y'")
    assert caught.value.key == "dataset.date_format"


@pytest.mark.parametrize(
    ("text", "options", "value"),
    [
        ("{:.1f}%", (), 1.0),
        ("${:.1f}", (), 1.0),
        ("{:.1f} kg", (), 1.0),
        ("€ {:.1f}", (), 1.0),
        ("$1,{:05.1f}", ("dataset.thousands=','",), None),
    ],
)
def test_numbers_with_a_unit_are_said_and_read_where_it_is_asked_for(tmp_path, text, options, value):
    numbers = np.arange(ROWS) + 0.5
    texts = [text.format(number) for number in numbers]
    split, columns, _ = rows(tmp_path, texts)
    assert any("looks like numbers with a unit" in note and "dataset.numbers=[c]" in note for note in split.notes)
    assert columns["c"].kind != "number"
    split, columns, raw = rows(tmp_path, texts, "dataset.numbers=[c]", *options)
    assert columns["c"].kind == "number"
    meant = set(numbers if value else numbers + 1000)
    assert set(raw.values[:, 1]) <= meant

    import json

    import pyarrow as pa

    found = of_columns(
        json.loads(split.preprocessing), {"x": pa.chunked_array([[1.0]]), "c": pa.chunked_array([texts[:1]])}
    )
    assert found[0, 1] in meant, "a prediction reads it likewise"


def test_names_that_end_in_one_letter_are_no_numbers_with_a_unit(tmp_path):
    split, columns, _ = rows(tmp_path, [f"{n % 6}A" for n in range(ROWS)])
    assert columns["c"].kind == "category"
    assert not any("looks like" in note for note in split.notes)
    split, _, _ = rows(tmp_path, [f"type{n % 20}" for n in range(ROWS)])
    assert not any("looks like" in note for note in split.notes)


def test_times_thousands_and_case_are_said(tmp_path):
    for texts, told in (
        ([f"{n % 24:02d}:{n:02d}" for n in range(ROWS)], "looks like times of day"),
        ([f"1'{n:03d}" for n in range(ROWS)], "mark for thousands"),
        ([("Red", "red", "blue")[n * n % 3] for n in range(ROWS)], "differ in case alone: 'Red', 'red'"),
    ):
        split, _, _ = rows(tmp_path, texts)
        assert any(told in note for note in split.notes), told


def test_what_is_said_to_be_categories_is_not_looked_into(tmp_path):
    mixed = ["n/k" if n % 3 == 0 else str(n % 7) for n in range(ROWS)]
    _, columns, _ = rows(tmp_path, mixed, "dataset.categories=[c]")
    assert columns["c"].categories == (*"0123456", "n/k")
    split, _, _ = rows(tmp_path, days("%d.%m.%Y"), "dataset.categories=[c]")
    assert not any("looks like" in note for note in split.notes)
