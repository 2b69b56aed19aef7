"""What is said of a learning rate that nobody chose for the optimizer."""

import pytest

from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.config.rates import USUAL, too_high


@pytest.mark.parametrize("name", USUAL)
def test_the_default_rate_is_too_high_for_optimizers_whose_steps_are_as_large_as_it(name):
    (line,) = too_high([compose([f"optimizer={name}"])])
    assert line == f"a learning rate of 0.1 is far above the usual of {name}; try learning_rate={USUAL[name]:g}"
    typed = line.rpartition(" ")[2]
    assert list(too_high([compose([f"optimizer={name}", typed])])) == []


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adagrad", "adadelta"])
def test_it_suits_the_others(name):
    assert list(too_high([compose([f"optimizer={name}"])])) == []


def test_of_a_space_the_least_rate_counts_and_what_is_advised_can_be_typed():
    space = plan_space(["optimizer=sgd,lion,adam"], space="small")
    lines = list(too_high(space.examples()))
    assert [line.partition(";")[0] for line in lines] == [
        "learning rates from 0.01 on are far above the usual of adam, 0.001",
        "learning rates from 0.01 on are far above the usual of lion, 0.0001",
    ]
    for name, line in zip(["adam", "lion"], lines, strict=True):
        advised = line.rpartition("try ")[2].replace("'", "")
        space = plan_space([f"optimizer={name}", advised], space="small")
        assert list(too_high(space.examples())) == []
