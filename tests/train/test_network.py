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
    from sweeper.train.network import Forward, Network

    widths = (9, 7, 5, 3)
    members = [weights(Init(name="he_normal"), seed, widths) for seed in range(4)]
    network = Network(widths, 4)
    columns = np.arange(9)
    assign(network, Network.stack(members, columns))
    x = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    inputs = x if shared else np.broadcast_to(x, (4, 6, 9))
    outputs = Forward(network.variables, 3, inputs, applied("tanh", "relu", "linear")).outputs.numpy()
    for number, (w0, b0, w1, b1, w2, b2) in enumerate(members):
        expected = np.maximum(np.tanh(x @ w0 + b0) @ w1 + b1, 0) @ w2 + b2
        np.testing.assert_allclose(outputs[number], expected, rtol=1e-5, atol=1e-6)
        assert all(np.array_equal(a, b) for a, b in zip(network.member(number, columns), members[number], strict=True))


@pytest.mark.parametrize("shared", [True, False])
def test_blank_features_lie_last_and_are_left_out(shared):
    from sweeper.train.network import Forward, Network, arrays

    columns, blank = np.array([4, 0, 3, 1, 2, 5]), 2
    members = [weights(Init(name="he_normal", bias=0.1), seed, (6, 4, 3)) for seed in range(2)]
    network = Network((6, 4, 3), 2, blank)
    assert [tuple(v.shape) for v in network.variables] == [(2, 4, 4), (2, 4, 2), (2, 3, 4), (2, 1, 4), (2, 1, 3)]
    assert arrays(2, blank) == [0, 0, 1, 2, 3]
    assign(network, Network.stack(members, columns, blank))
    x = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    x[:, [2, 5]] = 0
    given = x[:, columns[:4]]
    inputs = given if shared else np.broadcast_to(given, (2, 5, 4))
    outputs = Forward(network.variables, 2, inputs, applied("tanh", "linear")).outputs.numpy()
    for number, (w0, b0, w1, b1) in enumerate(members):
        np.testing.assert_allclose(outputs[number], np.tanh(x @ w0 + b0) @ w1 + b1, rtol=1e-5, atol=1e-6)
        mine = network.member(number, columns)
        assert all(np.array_equal(a, b) for a, b in zip(mine, members[number], strict=True))


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("names", [("relu", "tanh", "linear"), ("sigmoid", "elu", "softplus")])
def test_the_way_back_gives_what_a_tape_gives(shared, names):
    from sweeper.train.network import Forward, Network
    from sweeper.train.quiet import tf

    random, widths, blank = np.random.default_rng(0), (9, 7, 5, 3), 2
    network = Network(widths, 4, blank)
    assign(network, [random.normal(size=v.shape).astype(np.float32) for v in network.variables])
    weights = [tf.convert_to_tensor(v.value) for v in network.variables]
    inputs = tf.constant(random.normal(size=(6, 7) if shared else (4, 6, 7)), tf.float32)
    error = tf.constant(random.normal(size=(4, 6, 3)), tf.float32)
    factors = [tf.constant(random.integers(0, 2, (4, 6, n)) * 1.5, tf.float32) for n in (7, 7, 5)]

    def drop(layer):
        return factors[layer] if layer or not shared else None

    with tf.GradientTape() as tape:
        tape.watch(weights)
        outputs = Forward(weights, 3, inputs, applied(*names), drop).outputs
    expected = tape.gradient(outputs, weights, output_gradients=error, unconnected_gradients="zero")
    found = Forward(weights, 3, inputs, applied(*names), drop).gradients(error)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)


def applied(*names):
    from sweeper.train.activations import activate

    return activate([(name,) for name in names], None, jit=True)


def assign(network, values):
    for variable, value in zip(network.variables, values, strict=True):
        variable.assign(value)
