"""Ranges, names, and what fits together."""

from dataclasses import replace

import pytest

from sweeper.config.build import build
from sweeper.config.checks import MEMORY_LIMIT, check, parameters
from sweeper.config.schema import DECAYS, OPTIMIZERS, Config
from sweeper.config.with_data import check_with_data
from sweeper.errors import InputError

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"activation": "rlu"}, "activation"),
        ({"activation": ["relu", "tahn"]}, "activation"),
        ({"activation": ["relu"]}, "activation"),
        ({"output_activation": "softmax"}, "output_activation"),
        ({"loss": "cross-entropy"}, "loss"),
        ({"hidden": [0]}, "hidden"),
        ({"hidden": [50, -30]}, "hidden"),
        ({"hidden": [10**9]}, "hidden"),
        ({"hidden": [10**12]}, "hidden"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": -0.1}, "learning_rate"),
        ({"learning_rate": INF}, "learning_rate"),
        ({"learning_rate": NAN}, "learning_rate"),
        ({"learning_rate": 1e39}, "learning_rate"),
        ({"dropout": 1}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"dropout": NAN}, "dropout"),
        ({"dropout": [0.5, 1.0]}, "dropout"),
        ({"dropout": [0.5]}, "dropout"),
        ({"input_dropout": 1}, "input_dropout"),
        ({"l1": -1e-9}, "l1"),
        ({"l2": NAN}, "l2"),
        ({"init": "he"}, "init"),
        ({"init": {"stddev": -1}}, "init.stddev"),
        ({"init": {"bias": INF}}, "init.bias"),
        ({"init": {"name": "he_normal", "stddev": 0.2}}, "init.stddev"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": "half"}, "batch_size"),
        ({"steps": 0}, "steps"),
        ({"steps": 2**31}, "steps"),
        ({"steps": None}, "steps"),
        ({"epochs": 1}, "epochs"),
        ({"steps": None, "epochs": 0}, "epochs"),
        ({"steps": None, "epochs": INF}, "epochs"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**31 - 1, "repeats": 2}, "seed"),
        ({"batch_seed": -1}, "batch_seed"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": 10**6}, "repeats"),
        ({"log_every": 0}, "log_every"),
        ({"validate_every": -1}, "validate_every"),
        ({"validation": 0}, "validation.size"),
        ({"validation": 1.5}, "validation.size"),
        ({"validation": -3}, "validation.size"),
        ({"validation": {"seed": -1}}, "validation.seed"),
        ({"dataset": "minst"}, "dataset"),
        ({"dataset": {"name": "mnist", "path": "x.npz"}}, "dataset.path"),
        ({"dataset": {"name": "digits", "target": "y"}}, "dataset.target"),
        ({"dataset": "npz"}, "dataset.path"),
        ({"dataset": {"name": "npz", "path": "x", "target": "y"}}, "dataset.target"),
        ({"dataset": {"name": "csv", "path": "x"}}, "dataset.target"),
        ({"dataset": {"train_size": -1}}, "dataset.train_size"),
        ({"optimizer": {"name": "momentum", "momentum": 1}}, "optimizer.momentum"),
        ({"optimizer": {"name": "nesterov", "momentum": -0.1}}, "optimizer.momentum"),
        ({"optimizer": {"name": "adam", "beta_2": 1}}, "optimizer.beta_2"),
        ({"optimizer": {"name": "adam", "epsilon": 0}}, "optimizer.epsilon"),
        ({"optimizer": {"name": "rmsprop", "rho": NAN}}, "optimizer.rho"),
        ({"optimizer": {"name": "adamw", "weight_decay": -1}}, "optimizer.weight_decay"),
        ({"optimizer": {"name": "adagrad", "initial_accumulator_value": -1}}, "optimizer.initial_accumulator_value"),
        ({"optimizer": {"clipnorm": -1}}, "optimizer.clipnorm"),
        ({"lr_decay": {"name": "exponential", "rate": 0}}, "lr_decay.rate"),
        ({"lr_decay": {"name": "step", "decay_steps": 0}}, "lr_decay.decay_steps"),
        ({"lr_decay": {"name": "cosine", "final": 2}}, "lr_decay.final"),
        ({"lr_decay": {"name": "polynomial", "power": 0}}, "lr_decay.power"),
        ({"lr_decay": {"warmup_steps": -1}}, "lr_decay.warmup_steps"),
        ({"lr_decay": {"warmup_steps": 6000}}, "lr_decay.warmup_steps"),
    ],
)
def test_each_broken_rule_names_its_key(values, key):
    with pytest.raises(InputError) as caught:
        check(build(values))
    assert caught.value.key == key
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"hidden": [], "activation": [], "dropout": []},
        {"dropout": 0.999, "input_dropout": 0},
        {"batch_size": "full"},
        {"steps": None, "epochs": 0.5},
        {"validation": 1},
        {"validation": 0.999},
        {"lr_decay": {"name": "cosine", "decay_steps": 0}},
        {"lr_decay": {"warmup_steps": 5000}},
        {"init": {"name": "uniform", "stddev": 0}},
        {"dataset": {"name": "npz", "path": "x"}},
        {"dataset": {"name": "parquet", "path": "x", "target": "y"}},
        {"hidden": [2000, 2000], "repeats": 20},
        *({"optimizer": name} for name in OPTIMIZERS),
        *({"lr_decay": name} for name in DECAYS),
    ],
)
def test_what_is_within_the_rules_passes_unchanged(values):
    config = build(values)
    assert check(config) is config


def test_parameters_of_the_tutorials_network():
    assert parameters(Config()) == 784 * 50 + 50 + 50 * 30 + 30 + 30 * 10 + 10
    assert parameters(replace(Config(), hidden=()), features=64, classes=3) == 64 * 3 + 3


def test_a_network_too_large_is_refused_with_its_size():
    with pytest.raises(InputError, match=r"about 13\.1 TB of memory \(3\.18 TB for the weights of one member, 1 of"):
        check(build({"hidden": [10**9]}))
    weights = 4 * (784 + 10) * 10**9
    assert 4 * weights > MEMORY_LIMIT


def test_the_data_have_the_last_word():
    config = build({"batch_size": 100})
    check_with_data(config, train_size=100, classes=("a", "b"))
    check_with_data(build({"batch_size": "full"}), train_size=1, classes=("a", "b"))
    with pytest.raises(InputError, match="batch_size: 100 is more than the 99 training examples") as refused:
        check_with_data(config, train_size=99, classes=tuple("abcdefghij"))
    # The usual batch, which is the example else, would be refused as well.
    assert refused.value.instead == ("batch_size=100", "batch_size=full")
    with pytest.raises(InputError, match="1 class"):
        check_with_data(config, train_size=100, classes=("a",))
