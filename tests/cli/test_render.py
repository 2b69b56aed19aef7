import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.cli import render
from sweeper.cli.scores import target_of
from sweeper.report.folds import divided

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON_VALUES)
def test_whatever_is_emitted_is_strict_json(value):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads(json.dumps(render.plain(value), allow_nan=False), parse_constant=refuse)


def test_what_json_does_not_know_becomes_what_it_does():
    value = {"nan": math.nan, "path": Path("a/b"), 1: (2, np.float32(0.5)), "array": np.arange(2), "set": {3}}
    assert render.plain(value) == {"nan": None, "path": "a/b", "1": [2, 0.5], "array": [0, 1], "set": [3]}


def test_text_is_made_only_where_it_is_wanted(capsys):
    def never():
        raise AssertionError

    render.emit({"a": 1}, never, as_json=True)
    assert capsys.readouterr().out == '{"a": 1}\n'


def test_no_colours_where_nobody_looks(capsys):
    render.emit({}, render.bold("heading"), as_json=False)
    render.note(render.warn("careful"))
    assert capsys.readouterr() == ("heading\n", "careful\n")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_no_color_is_honoured_on_a_terminal(variables, coloured, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert render.colour(Terminal()) is coloured
    assert render.colour(io.StringIO()) is False


def test_numbers_stand_to_the_right_and_words_to_the_left():
    text = render.ANSI.sub("", render.table(["name", "loss"], [["a", 0.5], ["long name", 0.125]]))
    assert text.split("\n") == ["name        loss", "a            0.5", "long name  0.125"]


def test_an_empty_table_has_its_headings():
    assert render.ANSI.sub("", render.table(["a", "bc"], [])) == "a  bc"


def test_facts_leave_out_what_there_is_nothing_of():
    assert render.facts([("data", "mnist"), ("note", ""), ("run id", None), ("zero", 0)]) == "data  mnist\nzero  0"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123456, "0.1235"), (1e-6, "1e-06"), (5000.0, "5000"), (123456.7, "123457"), (math.nan, "nan"), (0.0, "0")],
)
def test_numbers_have_four_significant_digits(value, text):
    assert render.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.417, "0.42 s"), (12.34, "12.3 s"), (59.97, "1 min 00 s"), (245, "4 min 05 s"), (7620, "2 h 07 min")],
)
def test_durations_are_as_precise_as_is_useful(value, text):
    assert render.seconds(value) == text


def test_a_trial_is_told_by_what_it_does_not_share_in_digits_worth_reading():
    overrides = ("dataset=digits", "hidden=[100,30]", "l2=1.2502704173057313e-06", "dropout=0.25", "seed=123456")
    assert render.own_overrides(overrides, ["dataset=digits"]) == "hidden=[100,30] l2=1.25e-06 dropout=0.25 seed=123456"


def test_columns_stay_in_line_whatever_the_script():
    lines = render.table(
        ("class", "chance"), [("普通", 0.5), ("gesund", 0.25), ("e\u0301te\u0301", 0.125)]
    ).splitlines()
    assert lines[1:] == ["普通       0.5", "gesund    0.25", "e\u0301te\u0301      0.125"]


def test_over_folds_no_example_is_counted_twice():
    data = {"name": "npy", "sizes": {"train": 166, "validation": 250}, "classes": {"largest": "a", "share": 0.6}}
    data["classes"]["rows"] = {"a": [150, 150], "b": [100, 100]}
    assert divided(data) == "npy: 166 to train, 250 to validate"
    assert dict(target_of(data))["classes"] == "a: 300, b: 200"
    data["folds"] = 3
    assert divided(data) == "npy: 250 to validate, in 3 folds, each of which trains on 166 or more"
    assert dict(target_of(data))["classes"] == "a: 150, b: 100"
