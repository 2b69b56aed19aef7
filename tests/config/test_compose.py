"""Overrides to a checked Config, by Hydra over the shipped conf/."""

import subprocess
import sys
from dataclasses import replace

import pytest

from sweeper.config.compose import compose, conf_dir, options
from sweeper.config.datasets import DATASETS
from sweeper.config.schema import (
    DECAYS,
    INITS,
    OPTIMIZERS,
    Adam,
    Config,
    Dataset,
    Exponential,
    Init,
    Optimizer,
    Validation,
)
from sweeper.errors import InputError

GROUPS = {"optimizer": tuple(OPTIMIZERS), "lr_decay": tuple(DECAYS), "init": INITS, "dataset": tuple(DATASETS)}


def test_nothing_typed_is_the_tutorials_run():
    config = compose([])
    assert config == Config()
    assert config.digest == Config().digest
    assert (config.activation, config.hidden, config.learning_rate, config.steps) == ("relu", (50, 30), 0.1, 5000)
    assert config.init == Init("truncated_normal", stddev=0.1, bias=0.1)


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        (["activation=tanh", "hidden=[100,30]"], {"activation": "tanh", "hidden": (100, 30)}),
        (["hidden=[]"], {"hidden": ()}),
        (["hidden=64"], {"hidden": (64,)}),
        (["activation=[relu,tanh]"], {"activation": ("relu", "tanh")}),
        (["dropout=0"], {"dropout": 0.0}),
        (["dropout=[0.2,0.5]"], {"dropout": (0.2, 0.5)}),
        (["batch_size=full"], {"batch_size": "full"}),
        (["steps=1e3"], {"steps": 1000}),
        (["epochs=3"], {"epochs": 3.0, "steps": None}),
        (["epochs=2", "steps=null"], {"epochs": 2.0, "steps": None}),
        (["steps=10", "epochs=null"], {"steps": 10}),
        (["learning_rate=1e-3", "learning_rate=0.2"], {"learning_rate": 0.2}),
        (["learning_rate=${l2}", "l2=0.01"], {"learning_rate": 0.01, "l2": 0.01}),
        (["optimizer=adam", "optimizer.beta_1=0.8"], {"optimizer": Adam("adam", beta_1=0.8)}),
        (["optimizer.beta_1=0.8", "optimizer=nadam"], {"optimizer": Adam("nadam", beta_1=0.8)}),
        (["optimizer=adam", "optimizer=sgd"], {"optimizer": Optimizer("sgd")}),
        (["lr_decay=exponential", "lr_decay.rate=0.3"], {"lr_decay": Exponential("exponential", rate=0.3)}),
        (["init=he_normal", "init.bias=0"], {"init": Init("he_normal", bias=0.0)}),
        (["dataset=mnist_5k", "dataset.train_size=500"], {"dataset": Dataset("mnist_5k", train_size=500)}),
        (
            ["dataset=csv", "dataset.path='~/my data,x.csv'", "dataset.target=digit"],
            {"dataset": Dataset("csv", "~/my data,x.csv", "digit")},
        ),
        (["validation.size=0.1"], {"validation": Validation(0.1)}),
        (["validation=1000"], {"validation": Validation(1000.0)}),
        (["validation=1000", "validation.seed=3"], {"validation": Validation(1000.0, 3)}),
        (["validation={size:0.2,seed:1}"], {"validation": Validation(0.2, 1)}),
    ],
)
def test_what_is_typed_is_what_comes_out(typed, changed):
    assert compose(typed) == replace(Config(), **changed)


@pytest.mark.parametrize(
    ("typed", "message", "key"),
    [
        ("learning_rte=1", "learning_rte: no such key; did you mean learning_rate?", "learning_rte"),
        ("optimiser=adam", "optimiser: no such key; did you mean optimizer?", "optimiser"),
        ("optimizer=adan", "optimizer: no such option: adan; did you mean adam?", "optimizer"),
        ("dataset=mnits", "dataset: no such option: mnits; did you mean mnist?", "dataset"),
        (
            "optimizer=adam optimizer.beta1=0.8",
            "optimizer.beta1: no such key of optimizer=adam; did you mean optimizer.beta_1?",
            "optimizer.beta1",
        ),
        ("optimizer.beta_1=0.8", "optimizer.beta_1: no such key of optimizer=sgd", "optimizer.beta_1"),
        ("hidden.0=3", "hidden.0: no such key", "hidden.0"),
        ("optimizer.name=adam", "optimizer.name cannot be set by itself", "optimizer.name"),
        ("optimizer=[sgd,adam]", "optimizer: no such option: [sgd,adam]", "optimizer"),
        ("hydra.run.dir=x", "hydra.run.dir: no such key", "hydra.run.dir"),
        ("space=small", "space is not a key of a configuration", "space"),
        ("+activation=tanh", "+activation=tanh: keys cannot be added or deleted", "activation"),
        ("++activation=tanh", "++activation=tanh: keys cannot be added or deleted", "activation"),
        ("~activation", "~activation: keys cannot be added or deleted", "activation"),
        ("optimizer@x=adam", "optimizer@x=adam: a group's place cannot be changed", "optimizer@x"),
        ("activation", "activation is not KEY=VALUE", "activation"),
        ("", "an empty argument is not KEY=VALUE", ""),
        ("=3", "=3 is not KEY=VALUE", "=3"),
        ("hidden=[1,2", "hidden=[1,2 cannot be read: it ends too early", "hidden"),
        ("dataset.path=~/a.csv", "dataset.path=~/a.csv cannot be read from character 14 on: ~/a.csv", "dataset.path"),
        (
            "learning_rate=logint(3)",
            "learning_rate=logint(3) cannot be read: Unknown function 'logint'",
            "learning_rate",
        ),
        (
            "activation=relu,tanh",
            "activation: one value is needed here, and activation=relu,tanh is a search",
            "activation",
        ),
        ("learning_rate=tag(log,interval(0.01,1))", "learning_rate: one value is needed here", "learning_rate"),
        ("hidden=[choice(1,2)]", "hidden: a search cannot be inside a value", "hidden"),
        ("learning_rate=fast", "learning_rate: fast is not a number", "learning_rate"),
        ("hidden=[a]", "hidden: [a] is not a list of whole numbers", "hidden"),
        ("hidden=[50.5]", "hidden: [50.5] is not a list of whole numbers", "hidden"),
        ("steps=1.5", "steps: 1.5 is not a whole number or null", "steps"),
        ("dropout=true", "dropout: true is not a number or a list of numbers", "dropout"),
        ("optimizer=rmsprop optimizer.centered=1", "optimizer.centered: 1 is not true or false", "optimizer.centered"),
        ("dataset=csv dataset.path=5", "dataset.path: 5 is not text", "dataset.path"),
        ("learning_rate=null", "learning_rate: null is not a number", "learning_rate"),
        ("learning_rate=???", "learning_rate has no value yet (???)", "learning_rate"),
        ("learning_rate=${nothing}", "an interpolation cannot be resolved: Interpolation key 'nothing' not found", ""),
        ("steps=100 epochs=3", "both steps and epochs are given", "epochs"),
        ("steps=null", "neither steps nor epochs is given", "steps"),
    ],
)
def test_bad_input_is_one_line_with_its_key(typed, message, key):
    with pytest.raises(InputError) as caught:
        compose(typed.split(" "))
    assert caught.value.message.startswith(message)
    assert "\n" not in caught.value.message + caught.value.hint
    assert caught.value.key == key


def test_what_lies_beneath_is_overruled():
    assert compose(["epochs=3"], under=["steps=400", "activation=tanh"]) == replace(
        Config(), steps=None, epochs=3.0, activation="tanh"
    )
    assert compose(["steps=9"], under=["steps=null", "epochs=2"]).steps == 9
    with pytest.raises(InputError, match="both steps and epochs"):
        compose([], under=["steps=400", "epochs=3"])


@pytest.mark.parametrize("group", GROUPS)
def test_every_kind_has_its_file_and_every_file_its_kind(group):
    assert set(options(group)) == set(GROUPS[group])


@pytest.mark.parametrize(("group", "option"), [(group, option) for group, names in GROUPS.items() for option in names])
def test_the_files_of_the_groups_say_what_the_schema_says(group, option):
    needed = {"npz": ["dataset.path=x"], "npy": ["dataset.path=x"], "csv": ["dataset.path=x", "dataset.target=y"]}
    needed["parquet"] = needed["csv"]
    made = getattr(compose([f"{group}={option}", *needed.get(option, [])]), group)
    kinds = {"optimizer": OPTIMIZERS, "lr_decay": DECAYS}
    path, target = ("x" if option in needed else ""), ("y" if len(needed.get(option, [])) == 2 else "")
    expected = {
        "init": lambda: Init(option),
        "dataset": lambda: Dataset(option, path, target),
    }.get(group, lambda: kinds[group][option](name=option))
    assert made == expected()


def test_the_callers_own_hydra_is_left_as_it_was():
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from sweeper.config.compose import _cached

    _cached.cache_clear()
    compose([])
    assert not GlobalHydra.instance().is_initialized()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        _cached.cache_clear()
        compose(["optimizer=adam"])
        assert hydra_compose("config", ["activation=elu"]).activation == "elu"


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, sweeper.config.compose, sweeper.config.planning, sweeper.config.checks;"
        "print([name for name in ('hydra', 'omegaconf', 'yaml', 'antlr4', 'numpy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_installed_package_carries_its_own_conf(tmp_path, monkeypatch):
    package = tmp_path / "sweeper"
    package.mkdir()
    monkeypatch.setattr("sweeper.config.compose.files", lambda _: package)
    assert conf_dir() == tmp_path / "conf"
    (package / "conf").mkdir()
    assert conf_dir() == package / "conf"
