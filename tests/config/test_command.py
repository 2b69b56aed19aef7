"""A Config to the overrides that make it, and back; values as text, against Hydra's own grammar."""

import shlex
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.config.build import build, command, from_text, minimal, option_text, resolve, to_text
from sweeper.config.compose import compose
from sweeper.config.grammar import parse
from sweeper.config.schema import (
    ACTIVATIONS,
    DECAYS,
    INITS,
    OPTIMIZERS,
    SCALED_INITS,
    Config,
    Dataset,
    Init,
    Optimizer,
    Validation,
)

shares = st.floats(0, 0.99, allow_subnormal=False)
rates = st.floats(1e-6, 10)
ends = {"decay_steps": st.integers(1, 500), "warmup_steps": st.integers(0, 10), "centered": st.booleans()}
ends |= {"rate": rates, "power": rates, "epsilon": rates, "weight_decay": rates}


@st.composite
def parts(draw, kinds):
    name = draw(st.sampled_from(list(kinds)))
    own = {
        f.name: draw(ends.get(f.name, shares)) for f in fields(kinds[name]) if f.name != "name" and draw(st.booleans())
    }
    return kinds[name](name=name, **own)


@st.composite
def configs(draw):
    hidden = tuple(draw(st.lists(st.integers(1, 300), max_size=4)))
    each = {"min_size": len(hidden), "max_size": len(hidden)}
    names = st.sampled_from(ACTIVATIONS)
    init = draw(st.sampled_from(INITS))
    epochs = draw(st.none() | st.floats(0.1, 100))
    return Config(
        activation=draw(names | st.lists(names, **each).map(tuple)),
        hidden=hidden,
        optimizer=draw(parts(OPTIMIZERS)),
        learning_rate=draw(rates),
        lr_decay=draw(parts(DECAYS)),
        dropout=draw(shares | st.lists(shares, **each).map(tuple)),
        l2=draw(shares),
        init=Init(init, draw(rates) if init in SCALED_INITS else 0.1, draw(st.floats(-1, 1))),
        batch_size=draw(st.just("full") | st.integers(1, 1000)),
        steps=draw(st.integers(10, 10**6)) if epochs is None else None,
        epochs=epochs,
        repeats=draw(st.integers(1, 5)),
        dataset=draw(st.just(Dataset()) | st.builds(Dataset, st.just("csv"), paths, paths, st.integers(0, 9))),
        validation=Validation(draw(st.floats(0.01, 0.99) | st.integers(1, 999).map(float)), draw(st.integers(0, 9))),
    )


# An interpolation (${...}) in a path would be resolved, as everywhere in Hydra.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",), exclude_characters="$"))
paths = texts.filter(lambda text: text not in {"", "???"})


@given(configs())
@settings(max_examples=30, deadline=None)
def test_what_a_config_resolves_to_makes_it_again(config):
    typed = resolve(config)
    assert compose(typed) == config
    assert compose(typed).digest == config.digest
    assert shlex.split(command(config)) == ["sweeper", "run", *typed]


@given(configs())
@settings(max_examples=50, deadline=None)
def test_plain_values_make_an_equal_config(config):
    assert build(config.to_dict()) == config == Config.from_dict(config.to_dict())
    assert build(minimal(config)) == config
    assert build(minimal(config)).digest == config.digest


def test_only_what_differs_is_typed():
    assert resolve(Config()) == []
    assert command(Config()) == "sweeper run"
    adam = OPTIMIZERS["adam"](beta_1=0.8)
    config = replace(Config(), activation="tanh", hidden=(100, 30), optimizer=adam, epochs=2.0, steps=None)
    assert resolve(config) == [
        "activation=tanh",
        "hidden=[100,30]",
        "optimizer=adam",
        "optimizer.beta_1=0.8",
        "epochs=2.0",
    ]
    assert command(config, "tune").startswith("sweeper tune activation=tanh 'hidden=[100,30]' optimizer=adam")
    assert resolve(replace(Config(), optimizer=Optimizer(clipnorm=1.0))) == ["optimizer.clipnorm=1.0"]


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts


@given(plain | st.lists(plain, max_size=4))
@settings(max_examples=300, deadline=None)
def test_hydra_reads_a_value_as_it_was_written(value):
    [read] = parse([f"key={to_text(value)}"])
    assert (read.value, type(read.value)) == (value, type(value))


names = st.sampled_from(["relu", "tanh", "he_normal", "full", "mnist_5k"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names


@given(scalars | st.lists(scalars, max_size=4))
def test_text_of_a_space_is_read_as_it_was_written(value):
    assert from_text(to_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [("[100,30]", "[100,30]"), ("true", "true"), ("relu", "relu"), (3, "3"), (0.1, "0.1")]
)
def test_options_are_typed_as_what_they_stand_for(value, text):
    assert option_text(value) == text
