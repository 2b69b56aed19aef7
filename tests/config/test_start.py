from __future__ import annotations

import pytest

from sweeper.config.domains import Choice, Float, Int
from sweeper.config.planning import plan_space
from sweeper.config.start import start


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        ([], {}),
        (["activation=tanh,sigmoid"], {"activation": "tanh"}),
        (["learning_rate=interval(0.2,0.5)"], {"learning_rate": 0.2}),
        (["dropout=range(0.1,0.6,0.2)"], {"dropout": 0.1}),
        (["l2=tag(log,interval(1e-5,1e-3))"], {"l2": 1e-5}),
        (["hidden.depth=int(interval(3,4))"], {"hidden.depth": 3, "hidden.2": 30}),
        (["hidden.width=int(range(40,100,8))"], {"hidden.0": 48, "hidden.1": 40}),
    ],
    ids=str,
)
def test_a_search_begins_at_the_tutorials_network_as_far_as_the_space_has_it(typed, changed):
    usual = {"hidden.depth": 2, "activation": "relu", "hidden.0": 50, "hidden.1": 30, "learning_rate": 0.1}
    space = plan_space(typed)
    found = start(space)
    assert found == usual | {"dropout": 0.0, "l2": 1e-6} | changed
    space.config(found)


def test_it_begins_at_what_is_typed_beside_the_space():
    space = plan_space(["hidden=[70]", "optimizer=sgd,adam", "learning_rate=tag(log,interval(0.01,1))"], space="none")
    assert start(space) == {"optimizer": "sgd", "learning_rate": 0.1}
    assert space.config(start(space)).hidden == (70,)
    lists = plan_space(["hidden=choice([100],[50,30])", "learning_rate=0.3,0.2"], space="none")
    assert start(lists) == {"hidden": "[50,30]", "learning_rate": 0.3}


def test_of_parts_that_the_usual_option_does_not_have_there_is_no_start():
    assert start(plan_space(["lr_decay=exponential,step", "lr_decay.rate=interval(0.1,0.9)"])) is None


@pytest.mark.parametrize(
    ("domain", "nearest"),
    [
        (Float(0.1, 0.5), {0.3: 0.3, 0.0: 0.1, 2: 0.5, "auto": 0.1}),
        (Float(0.1, 0.7, step=0.2), {0.32: 0.3, 0.45: 0.5, 9: 0.7, -1: 0.1}),
        (Int(16, 256, log=True), {50: 50, 1: 16, 999: 256, "full": 16}),
        (Int(10, 50, step=20), {25: 30, 29: 30, 90: 50}),
        (Choice(("relu", "tanh")), {"tanh": "tanh", "elu": "relu"}),
    ],
    ids=str,
)
def test_the_nearest_value_of_a_dimension(domain, nearest):
    for value, expected in nearest.items():
        found = domain.nearest(value)
        assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected
        assert domain.contains(found)
