"""Columns that look like something else: said with the keys that read them, and read by these as they are meant."""

from __future__ import annotations

import datetime as dt
import shlex

import numpy as np
import pytest

from sweeper.config.compose import compose
from sweeper.config.schema import Validation
from sweeper.data import load, sealed
from sweeper.data.portable.values import of_columns
from sweeper.errors import InputError

ROWS = 60
SHARE = Validation()


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


def test_a_hint_on_thousands_names_the_mark_and_reads_it(tmp_path):
    for mark, typed in (("'", 'dataset.thousands=\\"\\\'\\"'), ("\xa0", "dataset.thousands=\"'\xa0'\"")):
        split, _, _ = rows(tmp_path, [f"1{mark}{n:03d}" for n in range(ROWS)])
        assert any(f"{typed} names the mark" in note for note in split.notes)
        (option,) = shlex.split(typed)
        _, columns, raw = rows(tmp_path, [f"1{mark}{n:03d}" for n in range(ROWS)], option)
        assert columns["c"].kind == "number"
        assert raw.values[:, 1].min() >= 1000


def test_texts_that_look_alike_are_said(tmp_path):
    for other, shown in (
        ("cafe\u0301", "'cafe\\u0301', 'caf\\xe9'"),
        ("caf\xe9\u200b", "'caf\\xe9', 'caf\\xe9\\u200b'"),
    ):
        split, _, _ = rows(tmp_path, [("caf\xe9", other, "tea")[n * n % 3] for n in range(ROWS)])
        assert f"warning: categories of 'c' look alike and are not the same signs: {shown}" in split.notes
        both = ("caf\xe9", other)
        lines = [f"{n * n % 89},{both[n % 2]}" for n in range(ROWS)]
        split = of_file(tmp_path / "t.csv", "label", text="\n".join(["x,label", *lines]))
        assert any(f"classes look alike and are not the same signs: {shown}" in note for note in split.notes)


@pytest.mark.parametrize("odd", ["2024-02-30", "0000-00-00", "9999-12-31"])
def test_a_day_that_is_none_is_named_with_its_row_and_can_be_missing(tmp_path, odd):
    texts = ["2024-01-07"] * 3 + [odd] + days("%Y-%m-%d")[4:]
    with pytest.raises(InputError, match=f"no date of 1678 to 2261, '{odd}' in data row 4") as caught:
        rows(tmp_path, texts)
    assert f"dataset.missing_markers=['{odd}']" in caught.value.hint
    _, columns, _ = rows(tmp_path, texts, f"dataset.missing_markers=['{odd}']")
    assert (columns["c"].kind, columns["c"].missing) == ("date", 1)


def test_the_line_for_excel_is_named(tmp_path):
    with pytest.raises(InputError, match="its first line is 'sep=', not a header"):
        of_file(tmp_path / "t.csv", "label", text="sep=,\nx,label\n1,a\n2,b\n")


def test_what_is_said_to_be_categories_is_not_looked_into(tmp_path):
    mixed = ["n/k" if n % 3 == 0 else str(n % 7) for n in range(ROWS)]
    _, columns, _ = rows(tmp_path, mixed, "dataset.categories=[c]")
    assert columns["c"].categories == (*"0123456", "n/k")
    split, _, _ = rows(tmp_path, days("%d.%m.%Y"), "dataset.categories=[c]")
    assert not any("looks like" in note for note in split.notes)


def warned(split):
    return [note for note in split.notes if note.startswith("warning")]


def of_file(path, target, *options, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return load(compose(["dataset=csv", f"dataset.path={path}", f"dataset.target={target}", *options]).dataset, SHARE)


def test_a_text_among_dates_is_named_with_the_key_that_takes_it_for_missing(tmp_path):
    texts = ["not known" if n == 4 else day for n, day in enumerate(days("%Y-%m-%d"))]
    split, columns, _ = rows(tmp_path, texts)
    (line,) = warned(split)
    assert "looks like dates but for 'not known' and is left out" in line
    assert columns["c"].kind == "identifier"
    split, columns, _ = rows(tmp_path, texts, "dataset.missing_markers=['not known']")
    assert (columns["c"].kind, columns["c"].missing, warned(split)) == ("date", 1, [])


@pytest.mark.parametrize("marker", ["-999", "-999.0", "-99", "-9"])
def test_a_number_that_may_stand_for_missing_is_named_as_it_is_written(tmp_path, marker):
    texts = [marker if n % 10 == 3 else f"{n * 1.5}" for n in range(ROWS)]
    split, _, raw = rows(tmp_path, texts)
    (line,) = warned(split)
    assert f"'c' has {float(marker):g} in 6 rows and nothing else below 0" in line
    assert f"dataset.missing_markers=['{marker}']" in line
    split, columns, raw = rows(tmp_path, texts, f"dataset.missing_markers=['{marker}']")
    assert (columns["c"].missing, warned(split)) == (6, [])
    assert np.nanmin(raw.values[:, 1]) >= 0
    assert warned(rows(tmp_path, texts, "dataset.numbers=[c]")[0]) == []
    assert warned(rows(tmp_path, [*texts[:-1], "-2"])[0]) == []


def test_a_marker_that_stands_nowhere_is_said(tmp_path):
    texts = ["-999.0" if n == 3 else f"{n - 30}" for n in range(ROWS)]
    (line,) = warned(rows(tmp_path, texts, "dataset.missing_markers=['-999']")[0])
    assert line.startswith("warning: no field is '-999'")


def test_numbers_too_long_to_be_told_apart_are_said(tmp_path):
    (line,) = warned(rows(tmp_path, [str(10**17 + n * n % 97) for n in range(ROWS)])[0])
    assert "'c' has whole numbers of more than 15 digits" in line
    short = rows(tmp_path, [str(10**14 + n * n % 97) for n in range(ROWS)])[0]
    assert not any("digits" in line for line in warned(short))


@pytest.mark.parametrize(
    ("text", "separator", "keys"),
    [
        ("1,{:03}", ",", ["dataset.thousands=','"]),
        ("1.{:03},5", ";", ["dataset.thousands='.'", "dataset.decimal=','"]),
        ("1,{:03}.5", ",", ["dataset.thousands=','", "dataset.decimal='.'"]),
    ],
)
def test_marks_that_could_mean_two_things_are_refused_with_keys_that_read_them(tmp_path, text, separator, keys):
    texts = [text.format(n) for n in range(ROWS)]
    with pytest.raises(InputError, match="the mark may stand for") as caught:
        rows(tmp_path, texts, separator=separator)
    for key in keys:
        name, _, mark = key.partition("=")
        assert f'{name}="{mark}"' in caught.value.hint
    _, columns, raw = rows(tmp_path, texts, *keys, separator=separator)
    assert columns["c"].kind == "number"
    assert 1000 <= raw.values[:, 1].min() < 1060


def test_classes_that_differ_in_case_are_said(tmp_path):
    lines = [f"{n * n % 89},{('Yes', 'yes', 'no')[n % 3]}" for n in range(ROWS)]
    split = of_file(tmp_path / "t.csv", "label", text="\n".join(["x,label", *lines]))
    assert split.classes == ("Yes", "no", "yes")
    assert any("classes differ in case alone: 'Yes', 'yes'" in note for note in split.notes)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_character_without_a_mark_are_read_and_said(tmp_path, encoding):
    lines = ["x,ort,label", *(f"{n},{('Köln', 'Zürich')[n % 7 % 2]},{'ab'[n % 2]}" for n in range(ROWS))]
    split = of_file(tmp_path / "t.csv", "label", text="\n".join(lines), encoding=encoding)
    assert f"t.csv is read as {encoding}" in split.notes
    assert [column.name for column in split.columns] == ["x", "ort", "label"]
    assert split.columns[1].categories == ("Köln", "Zürich")


def test_money_to_predict_is_read_without_its_unit(tmp_path):
    text = "\n".join(["x,price", *(f"{n * n % 89},${n * 1.25:.2f}" for n in range(ROWS))])
    split = of_file(tmp_path / "t.csv", "price", "dataset.task=regression", text=text)
    assert set(split.train_labels) <= {n * 1.25 for n in range(ROWS)}
    with pytest.raises(InputError) as caught:
        of_file(tmp_path / "t.csv", "price", text=text)
    assert "dataset.task=regression" in caught.value.hint


@pytest.mark.parametrize("value", ["inf", "1e300"])
def test_an_infinite_value_is_refused_with_its_row_and_a_column_left_out_is_not(tmp_path, value):
    texts = [value if n == 3 else str(n) for n in range(ROWS)]
    with pytest.raises(InputError, match="the first in data row 4") as caught:
        rows(tmp_path, texts)
    assert "dataset.drop=[c]" in caught.value.hint
    assert rows(tmp_path, texts, "dataset.drop=[c]")[1]["c"].kind == "left out"


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    with pytest.raises(InputError, match="is empty"):
        of_file(tmp_path / "t.csv", "label", text="\n")
