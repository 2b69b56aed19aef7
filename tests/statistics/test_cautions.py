from __future__ import annotations

import json

import pytest

from sweeper.statistics import (
    best_on_edge,
    many_failed,
    spread_hides_leaders,
    too_few_trials,
    validation_too_small,
    wilson,
)
from sweeper.trial import to_json


def test_best_on_the_edge():
    best = {"learning_rate": 0.9912345, "activation": "relu", "depth": 3}
    found = best_on_edge(best, {"learning_rate", "depth"})
    assert found.message == "the best trial lies on the edge of the space: learning_rate=0.9912, depth=3"
    assert found.kind == "edge"
    assert best_on_edge(best, ()) is None
    assert best_on_edge(best, ["elsewhere"]) is None


def test_spread_hides_the_leaders():
    found = spread_hides_leaders({"a": [0.970, 0.974], "b": [0.971, 0.9745]})
    assert found.facts["gap"] == pytest.approx(0.00075)
    assert found.facts["spread"] == pytest.approx(((0.004**2 + 0.0035**2) / 4) ** 0.5)
    assert "lie within 0.075 percentage points" in found.message
    assert spread_hides_leaders({"a": [0.970, 0.971], "b": [0.95, 0.951]}) is None
    assert spread_hides_leaders({"a": [0.970, 0.971]}) is None
    assert "0.00075" in spread_hides_leaders({"a": [0.970, 0.974], "b": [0.971, 0.9745]}, percent=False).message


def test_validation_is_too_small():
    found = validation_too_small({"a": 0.971, "b": 0.970, "c": 0.9}, 5000)
    assert found.facts["close"] == 1
    assert found.facts["gap"] == pytest.approx(0.001)
    assert found.facts["reach"] == pytest.approx(0.971 - wilson(0.971 * 5000, 5000).low)
    needed = found.facts["examples_needed"]
    assert needed == pytest.approx(1.96**2 * 0.971 * 0.029 / 1e-6, rel=0.05)
    assert 0.971 - wilson(0.971 * needed, needed).low <= 0.001 < 0.971 - wilson(0.971 * (needed - 9), needed - 9).low
    small = validation_too_small({"a": 0.9618, "b": 0.9375}, 288)
    assert small.facts["examples_needed"] > 288  # those that there are were found to be too few
    assert "1 of the other leaders is closer" in found.message
    assert validation_too_small({"a": 0.97, "b": 0.9}, 5000) is None
    assert validation_too_small({"a": 0.97}, 5000) is None


def test_equal_leaders_have_no_number_of_examples():
    found = validation_too_small({"a": 0.97, "b": 0.97, "c": 0.97}, 5000)
    assert found.facts["examples_needed"] is None
    assert "2 of the other leaders are closer than that" in found.message
    assert "takes about" not in found.message


def test_many_failed_and_what_they_share():
    params = [{"activation": "relu" if i % 4 else "tanh"} for i in range(40)]
    found = many_failed(params, [i % 4 == 0 for i in range(40)])
    assert found.message == "10 of 40 trials failed: activation=tanh failed 10 of 10 times"
    assert found.hint == "take activation=tanh out of the space"
    assert found.facts["lift activation=tanh"] == pytest.approx(4.0)
    assert "share no value" in many_failed(params, [i < 8 for i in range(40)]).message


def test_an_error_that_failed_trials_share_is_said():
    params = [{"activation": "relu" if i % 4 else "tanh"} for i in range(40)]
    reason = "all with diverged: the loss is nan"
    some = many_failed(params, [i < 8 for i in range(40)], reason)
    assert some.message == f"8 of 40 trials failed, {reason}"
    those = many_failed(params, [i % 4 == 0 for i in range(40)], reason)
    assert those.message == f"10 of 40 trials failed, {reason}; activation=tanh failed 10 of 10 times"


def test_few_failures_are_no_matter():
    params = [{"activation": "relu"}] * 40
    assert many_failed(params, [i == 0 for i in range(40)]) is None
    assert many_failed([], []) is None


def test_too_few_trials():
    assert too_few_trials(29) is too_few_trials(0) is None
    found = too_few_trials(12)
    assert found.facts["needed"] == 29
    assert "12 random trials have a 72% chance" in found.message
    assert 1 - 0.9**29 >= 0.95 > 1 - 0.9**28


def test_every_caution_is_json():
    cautions = [
        best_on_edge({"a": 1.0}, ["a"]),
        spread_hides_leaders({"a": [0.9, 0.8], "b": [0.9, 0.81]}),
        validation_too_small({"a": 0.97, "b": 0.97}, 100),
        many_failed([{"a": 1}] * 4, [True] * 4),
        too_few_trials(3),
    ]
    for caution in cautions:
        assert json.loads(json.dumps(to_json(caution), allow_nan=False))["hint"]
