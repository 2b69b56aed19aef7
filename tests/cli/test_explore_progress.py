"""The progress of an exploration: what is said, and how the forecast follows what is seen."""

import pytest

from sweeper.cli.explore_progress import Pace
from sweeper.cli.progress import roughly
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import load
from sweeper.questions.run.forecast import forecast

SIZES = {"train": 1000, "validation": 200, "test": 100}


def of(question, *overrides):
    prepared = prepare(question, ["dataset=digits", *overrides])
    return prepared, forecast(prepared, SIZES)


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("sweeper.cli.explore_progress.time.monotonic", lambda: now[0])
    return now


def test_the_pace_follows_what_is_seen(clock):
    _, found = of(load("activation"), "steps=100", "repeats=3")
    pace = Pace(2)
    pace.begin(found, later=10.0)
    assert pace.left() == (pytest.approx(found.total / 2), pytest.approx(5.0))
    clock[0] += 500  # starting up is not the trials' fault
    pace.end(("relu", "search"), 1)
    assert pace.left()[0] == pytest.approx((found.total - found.costs["relu", "search"]) / 2)
    for done in range(2, 46):
        clock[0] += 4 * found.costs["relu", "search"]
        pace.end(("relu", "search"), done)
    # Four times as slow as was foretold for one worker; a fifth of the forecast still counts as seen.
    rest = 9 * found.costs["relu", "repeat"]
    assert 3 * rest < pace.left()[0] < 4 * rest


def test_trials_of_an_earlier_time_are_not_to_come(clock):
    _, found = of(load("activation"), "steps=100", "repeats=3")
    pace = Pace(1)
    pace.begin(found, later=0.0)
    pace.end(("relu", "repeat"), 46)
    assert pace.left()[0] == pytest.approx(8 * found.costs["relu", "repeat"])


def test_forecasts_are_said_roughly():
    assert [roughly(value) for value in (0.2, 7.4, 33, 98, 100, 230, 7200)] == [
        "1 s", "7 s", "35 s", "100 s", "2 min", "4 min", "2.0 h",
    ]  # fmt: skip
