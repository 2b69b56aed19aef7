"""Ends of a space at which better values may lie beyond."""

import pytest

from sweeper.config.edges import edges
from sweeper.config.planning import plan_space
from sweeper.config.start import start

POINT = {"hidden.depth": 2, "activation": "relu", "hidden.0": 64, "hidden.1": 64} | {
    "learning_rate": 0.1,
    "dropout": 0.25,
    "l2": 1e-5,
}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, []),
        ({"hidden.0": 250, "learning_rate": 0.98, "l2": 1.05e-6}, ["hidden.0", "learning_rate", "l2"]),
        ({"hidden.depth": 1, "l2": 9.9e-4, "dropout": 0.5}, ["hidden.depth", "dropout", "l2"]),
        ({"dropout": 0.0}, []),  # there is no dropout below
        ({"dropout": 0.003}, []),
        ({"l2": 1e-6}, []),  # it stands for none
    ],
)
def test_those_beyond_which_there_is_more_are_named(values, named):
    assert sorted(edges(plan_space([]), POINT | values)) == sorted(named)


def test_where_a_search_begins_there_is_none():
    space = plan_space([])
    assert edges(space, start(space)) == []


@pytest.mark.parametrize(
    ("typed", "value", "named"),
    [
        ("dropout=range(0,0.6,0.1)", 0.0, False),
        ("dropout=range(0,0.6,0.1)", 0.5, True),
        ("input_dropout=interval(0.2,0.9999999)", 0.99, False),
        ("batch_size=range(1,9)", 1, False),
        ("batch_size=range(1,9)", 8, True),
        ("learning_rate=tag(log,interval(0.2,1))", 0.2, True),
        ("activation=relu,tanh", "relu", False),
    ],
)
def test_a_key_that_ends_there_goes_on_nowhere(typed, value, named):
    name = typed.partition("=")[0]
    assert edges(plan_space([typed], space="none"), {name: value}) == ([name] if named else [])
