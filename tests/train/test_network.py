from __future__ import annotations

import numpy as np
import pytest

from sweeper.config.schema import INITS, Init

pytestmark = pytest.mark.tensorflow
WIDTHS = (400, 300, 20, 10)


def weights(init: Init, seed: int = 0, widths=WIDTHS) -> list[np.ndarray]:
    from sweeper.train.network import initial_weights

    return initial_weights(init, widths, seed)


SPREAD = {
    # A normal distribution cut at two standard deviations has 0.8796 of its spread.
    "truncated_normal": lambda i, o: 0.1 * 0.8796,
    "normal": lambda i, o: 0.1,
    "uniform": lambda i, o: 0.1 / np.sqrt(3),
    "glorot_uniform": lambda i, o: np.sqrt(2 / (i + o)),
    "glorot_normal": lambda i, o: np.sqrt(2 / (i + o)),
    "he_uniform": lambda i, o: np.sqrt(2 / i),
    "he_normal": lambda i, o: np.sqrt(2 / i),
    "lecun_uniform": lambda i, o: np.sqrt(1 / i),
    "lecun_normal": lambda i, o: np.sqrt(1 / i),
    "zeros": lambda i, o: 0.0,
}


def test_every_init_of_the_schema_is_tested():
    assert set(SPREAD) == set(INITS)


@pytest.mark.parametrize("name", SPREAD)
def test_initial_weights_have_the_spread_that_their_name_says(name):
    kernel = weights(Init(name=name))[0]
    assert kernel.shape == (400, 300)
    np.testing.assert_allclose(kernel.std(dtype=np.float64), SPREAD[name](400, 300), rtol=0.02)
    np.testing.assert_allclose(kernel.mean(dtype=np.float64), 0, atol=5 * SPREAD[name](400, 300) / np.sqrt(120_000))


@pytest.mark.parametrize("name", ["uniform", "glorot_uniform", "he_uniform", "lecun_uniform"])
def test_uniform_inits_stay_within_their_bounds(name):
    kernel = weights(Init(name=name))[0]
    bound = SPREAD[name](400, 300) * np.sqrt(3)
    assert 0.99 * bound < np.abs(kernel).max() <= bound * (1 + 1e-6)


def test_truncation_is_at_two_standard_deviations():
    assert 0.195 < np.abs(weights(Init(stddev=0.1))[0]).max() <= 0.2


def test_biases_are_what_they_are_told():
    assert all((bias == np.float32(0.3)).all() for bias in weights(Init(bias=0.3))[1::2])


def test_layers_and_seeds_have_weights_of_their_own():
    first, again, other = (weights(Init(), seed, (50, 50, 50)) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[2])


@pytest.mark.parametrize("shared", [True, False])
def test_a_network_of_members_computes_what_each_would(shared):
    from sweeper.train.network import Network

    widths = (9, 7, 5, 3)
    members = [weights(Init(name="he_normal"), seed, widths) for seed in range(4)]
    network = Network(widths, ("tanh", "relu", "linear"), 4)
    for variable, value in zip(network.variables, Network.stack(members), strict=True):
        variable.assign(value)
    x = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    outputs = network(x if shared else np.broadcast_to(x, (4, 6, 9))).numpy()
    for number, (w0, b0, w1, b1, w2, b2) in enumerate(members):
        expected = np.maximum(np.tanh(x @ w0 + b0) @ w1 + b1, 0) @ w2 + b2
        np.testing.assert_allclose(outputs[number], expected, rtol=1e-5, atol=1e-6)
        assert all(np.array_equal(a, b) for a, b in zip(network.member(number), members[number], strict=True))


ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "gelu": lambda x: x * 0.5 * (1 + np.vectorize(__import__("math").erf)(x / np.sqrt(2))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "linear": lambda x: x,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_their_formulas(name):
    from sweeper.train.network import Network

    network = Network((1, 1), (name,), 1)
    for variable, value in zip(network.variables, ([[[1.0]]], [[[0.0]]]), strict=True):
        variable.assign(value)
    x = np.linspace(-4, 4, 41, dtype=np.float32)[:, None]
    np.testing.assert_allclose(network(x).numpy()[0], ACTIVATIONS[name](x.astype(np.float64)), rtol=1e-5, atol=1e-6)
