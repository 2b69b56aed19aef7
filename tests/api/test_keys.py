"""Keyword arguments as the overrides of the command line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.api.keys import read
from sweeper.api.spaces import choice, integers, interval
from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.errors import InputError

CONFIGS = [
    ({"hidden": [100, 30]}, ["hidden=[100,30]"]),
    ({"hidden": ()}, ["hidden=[]"]),
    ({"learning_rate": 1e-5}, ["learning_rate=1e-5"]),
    ({"learning_rate": np.float64(0.01), "hidden": np.array([7, 8])}, ["learning_rate=0.01", "hidden=[7,8]"]),
    ({"steps": None, "epochs": 2}, ["epochs=2"]),
    ({"activation": ["relu", "tanh"]}, ["activation=[relu,tanh]"]),
    ({"optimizer": "adam"}, ["optimizer=adam"]),
    ({"optimizer": {"beta_1": 0.8, "name": "adam"}}, ["optimizer=adam", "optimizer.beta_1=0.8"]),
    ({"optimizer": "adam", "optimizer.beta_1": 0.8}, ["optimizer=adam", "optimizer.beta_1=0.8"]),
    ({"lr_decay": "cosine"}, ["lr_decay=cosine"]),
    ({"validation": {"size": 1000, "seed": 3}}, ["validation.size=1000", "validation.seed=3"]),
    ({"validation": 0.2, "dataset": "digits"}, ["validation=0.2", "dataset=digits"]),
    ({"dataset": {"name": "digits", "train_size": 500}}, ["dataset=digits", "dataset.train_size=500"]),
]


@pytest.mark.parametrize(("keys", "typed"), CONFIGS)
def test_keyword_arguments_are_what_would_be_typed(keys, typed):
    assert compose(read((), keys)) == compose(typed)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1))
def test_a_path_is_taken_as_it_stands(name):
    keys = {"dataset": {"name": "csv", "path": f"/data/{name}", "target": name}}
    made = compose(read((), keys))
    assert (made.dataset.path, made.dataset.target) == (f"/data/{name}", name)
    assert compose(read((), {"dataset": "csv", "dataset.path": Path(f"/data/{name}"), "dataset.target": "y"}))


def test_keyword_arguments_hold_against_overrides():
    assert compose(read("hidden=[7] activation=tanh", {"hidden": [8]})).hidden == (8,)
    assert compose(read(["activation=tanh"], {})).activation == "tanh"


def test_searches_are_what_would_be_typed():
    keys = {
        "activation": choice("relu", "tanh"),
        "hidden": choice([50], [100, 30]),
        "learning_rate": interval(1e-3, 1, log=True),
        "batch_size": integers(20, 500, log=True),
        "dropout": "0.0,0.5",
    }
    typed = [
        "activation=relu,tanh",
        "hidden=choice([50],[100,30])",
        "learning_rate=tag(log,interval(1e-3,1))",
        "batch_size=tag(log,int(interval(20,500)))",
        "dropout=0.0,0.5",
    ]
    assert plan_space(read((), keys), space="none") == plan_space(typed, space="none")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"lerning_rate": 1}, "learning_rate"),
        ({"thread": 2}, "threads"),
        ({"lr_decay": "cosin"}, "cosine"),
        ({"optimizer": {"name": "adam", "beta1": 1}}, "beta_1"),
        ({"activation": "tahn"}, "tanh"),
    ],
)
def test_a_near_miss_names_what_was_meant(keys, said):
    with pytest.raises(InputError) as error:
        compose(read((), keys, ("threads", "runs")))
    assert f"did you mean {said}?" in error.value.message or f"did you mean optimizer.{said}?" in error.value.message


def test_what_is_no_value_is_refused():
    with pytest.raises(InputError) as error:
        read((), {"hidden": {1, 2}})
    assert (error.value.message, error.value.key) == ("hidden: a set is no value of a key", "hidden")
    with pytest.raises(InputError, match="cannot be read"):
        read("activation='tanh", {})
