from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow

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
    from sweeper.train.activations import activate

    x = np.linspace(-4, 4, 41, dtype=np.float32)
    outputs = np.asarray(activate([(name,)], None, jit=True)(0, x[None, :, None]))
    np.testing.assert_allclose(outputs[0, :, 0], ACTIVATIONS[name](x.astype(np.float64)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("jit", [True, False])
def test_each_member_has_its_own_activation_and_its_derivative_alone(jit):
    from sweeper.train.activations import activate
    from sweeper.train.quiet import keras, tf

    names = sorted(ACTIVATIONS)
    choice = np.random.default_rng(1).permutation(len(names)).astype(np.int32)
    # At 300 the exponential of some activation that others do not have is infinite, and so is its derivative.
    x = tf.constant(np.float32([-300, -2, -0.5, 0.5, 2, 300])[None, :, None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = activate([names], choice[None], jit=jit)(0, tf.repeat(x, len(names), axis=0))
    slopes = tape.jacobian(outputs, x).numpy()
    for member, number in enumerate(choice):
        with tf.GradientTape() as tape:
            tape.watch(x)
            alone = keras.activations.get(names[number])(x)
        np.testing.assert_allclose(outputs[member], alone[0], rtol=1e-6)
        np.testing.assert_allclose(slopes[member], tape.jacobian(alone, x).numpy()[0], rtol=1e-6)
