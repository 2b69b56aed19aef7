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


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["lr_decay=exponential,step", "lr_decay.rate=interval(0.1,0.99)"], {"lr_decay": "exponential"}),
        (["optimizer=momentum,adam", "optimizer.momentum=interval(0.5,0.95)"], {"optimizer.momentum": 0.9}),
        (["optimizer=adamw,adam", "optimizer.weight_decay=tag(log,interval(1e-4,1e-1))"], {"optimizer": "adamw"}),
        (["optimizer=adam,momentum", "optimizer.momentum=interval(0.5,0.95)"], {"optimizer": "adam"}),
    ],
    ids=str,
)
def test_parts_begin_as_the_option_has_them_that_is_begun_with(typed, found):
    space = plan_space(typed, space="none")
    assert start(space) == start(space) | found
    begun = space.config(start(space))
    group = typed[0].partition("=")[0]
    usual = plan_space([f"{group}={getattr(begun, group).name}", "dropout=0,0.5"], space="none").first()
    assert getattr(begun, group) == getattr(usual, group)


def test_a_search_over_the_length_of_training_begins_at_the_shortest():
    assert start(plan_space(["epochs=1,2,3"], space="none")) == {"epochs": 1}
    assert start(plan_space(["epochs=interval(2.0,5.0)"], space="none")) == {"epochs": 2.0}
    assert start(plan_space(["steps=int(interval(100,1000))"], space="none")) == {"steps": 1000}


def test_where_the_nearest_values_do_not_go_together_there_is_no_start():
    layers = plan_space(["hidden=choice([10],[10,20])", "activation=choice([relu,tanh],[tanh,relu])"], space="none")
    assert start(layers) is None


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
