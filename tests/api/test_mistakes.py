"""Mistakes that are natural in Python: each is one line, and no error of Python's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sweeper
from sweeper.api.keys import read
from sweeper.api.rows import rows_as_file

MISTAKES = {
    "overrides": lambda runs: sweeper.run(5, runs=runs),
    "numbers among overrides": lambda runs: sweeper.run([("activation", "tanh")], runs=runs),
    "folder": lambda runs: sweeper.run(steps=3, runs=5, dataset="digits"),
    "config folder": lambda runs: sweeper.run(steps=3, config_dir=5, runs=runs, dataset="digits"),
    "value": lambda runs: sweeper.run(activation=np.tanh, dataset="digits", runs=runs),
    "trials": lambda runs: sweeper.tune(dataset="digits", trials="many", runs=runs),
    "no trials": lambda runs: sweeper.tune(dataset="digits", trials=None, runs=runs),
    "objective": lambda runs: sweeper.tune(dataset="digits", objective=3, runs=runs),
    "a list to compare": lambda runs: sweeper.compare([{"activation": "relu"}, {"activation": "tanh"}], runs=runs),
    "one to compare": lambda runs: sweeper.compare("activation=relu", runs=runs),
    "no repeats": lambda runs: sweeper.compare("activation=relu", "activation=tanh", repeats=None, runs=runs),
    "question": lambda runs: sweeper.explore(5, runs=runs),
    "nothing tested": lambda runs: sweeper.test(None, runs=runs),
    "nothing reproduced": lambda runs: sweeper.reproduce(None, runs=runs),
    "no rows": lambda runs: sweeper.predict("kl", None, runs=runs),
    "rows": lambda runs: sweeper.predict("kl", {"a": [1]}, runs=runs),
    "target": lambda runs: sweeper.export("kl", None, runs=runs),
    "model": lambda runs: sweeper.load_model(5, runs=runs),
    "results": lambda runs: sweeper.results(5, runs=runs),
    "data": lambda runs: sweeper.run(dataset=pd.DataFrame({"a": [1]}), runs=runs),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(tmp_path, name):
    with pytest.raises(sweeper.InputError) as caught:
        MISTAKES[name](tmp_path / "runs")
    assert "\n" not in str(caught.value)


def test_overrides_may_be_a_mapping():
    assert read({"activation": "tanh", "steps": 3}, {"steps": 4}) == read((), {"activation": "tanh", "steps": 4})


def test_a_frame_and_an_array_are_read_as_their_files_would_be():
    frame = pd.DataFrame({"a": [1.5, None], 7: ["x", "y"]}, index=[5, 5])
    with rows_as_file(frame) as file:
        assert pd.read_parquet(file).to_dict("list")["7"] == ["x", "y"]
        assert list(pd.read_parquet(file)) == ["a", "7"]
    assert not file.exists()
    with rows_as_file(np.eye(3)) as file:
        assert np.array_equal(np.load(file), np.eye(3))
    with rows_as_file("there.csv") as named:
        assert str(named) == "there.csv"


def test_what_is_wrong_with_a_frame_is_said_of_the_rows():
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(sweeper.InputError, match="the rows have two columns of the name 'a'"), rows_as_file(twice):
        pass
    mixed = pd.DataFrame({"a": [1, "x"]})
    with pytest.raises(sweeper.InputError, match="the rows have a column of mixed values"), rows_as_file(mixed):
        pass
    with (
        pytest.raises(sweeper.InputError, match=r"^the rows: no column") as caught,
        rows_as_file(pd.DataFrame({"a": [1]})) as file,
    ):
        raise sweeper.InputError(f"{file}: no column")
    assert "sweeper-rows" not in str(caught.value)
