from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.tensorflow


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(z: np.ndarray) -> np.ndarray:
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def log_1_minus_softmax(z: np.ndarray) -> np.ndarray:
    """The logarithm of what the other classes have: by leaving each class out in turn."""
    others = [np.delete(z, c, axis=-1) for c in range(z.shape[-1])]
    top = z.max(axis=-1)
    rest = np.stack([np.log(np.exp(o - o.max(-1, keepdims=True)).sum(-1)) + o.max(-1) for o in others], axis=-1)
    whole = np.log(np.exp(z - top[..., None]).sum(-1)) + top
    return rest - whole[..., None]


def one_hot(y: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes)[y]


REFERENCE = {
    "cross_entropy": lambda y, z: -(one_hot(y, z.shape[-1]) * log_softmax(z)).sum(-1),
    "full_cross_entropy": lambda y, z: (
        -np.where(one_hot(y, z.shape[-1]) == 1, log_softmax(z), log_1_minus_softmax(z)).sum(-1)
    ),
    "mse": lambda y, z: ((one_hot(y, z.shape[-1]) - softmax(z)) ** 2).mean(-1),
    "categorical_hinge": lambda y, z: np.maximum(
        0,
        1 + ((1 - one_hot(y, z.shape[-1])) * z).max(-1) - (one_hot(y, z.shape[-1]) * z).sum(-1),
    ),
}


def ours(name: str, labels: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Losses [R, B] and the gradient of their sum, [R, B, C]."""
    from sweeper.train.losses import LOSSES
    from sweeper.train.quiet import tf

    z = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(z)
        losses = LOSSES[name](tf.constant(labels, tf.int32), z)
    return losses.numpy(), tape.gradient(losses, z).numpy()


@pytest.mark.parametrize("name", REFERENCE)
@given(seed=st.integers(0, 1000), scale=st.sampled_from([0.01, 1.0, 10.0, 60.0]), classes=st.integers(2, 6))
@settings(max_examples=25, deadline=None)
def test_losses_are_their_formulas(name, seed, scale, classes):
    random = np.random.default_rng(seed)
    logits = (random.normal(size=(2, 5, classes)) * scale).astype(np.float32)
    labels = random.integers(0, classes, (2, 5))
    expected = REFERENCE[name](labels, logits.astype(np.float64))
    np.testing.assert_allclose(ours(name, labels, logits)[0], expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", REFERENCE)
def test_gradients_are_those_of_the_formulas(name):
    random = np.random.default_rng(3)
    logits = random.normal(size=(2, 5, 4)).astype(np.float32) * 3
    labels = random.integers(0, 4, (2, 5))
    expected = np.zeros_like(logits, np.float64)
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(logits, np.float64)
        step[place] = 1e-5
        up, down = (REFERENCE[name](labels, logits.astype(np.float64) + s).sum() for s in (step, -step))
        expected[place] = (up - down) / 2e-5
    np.testing.assert_allclose(ours(name, labels, logits)[1], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("label", [0, 1])
def test_extreme_logits_give_finite_losses_and_gradients(name, label):
    logits = np.array([[[1e4, -1e4, 0.0]], [[80.0, 80.0, -80.0]]], np.float32)
    losses, gradients = ours(name, np.full((2, 1), label), logits)
    assert np.isfinite(losses).all()
    assert np.isfinite(gradients).all()


def test_a_sure_and_wrong_answer_still_has_a_slope_in_the_full_form():
    losses, gradients = ours("full_cross_entropy", np.array([[1]]), np.array([[[40.0, 0.0, 0.0]]]))
    # log p of the truth is -40, and 1 - p of the first class is 2 exp(-40).
    np.testing.assert_allclose(losses, 40 + 40 - np.log(2), rtol=1e-6)
    np.testing.assert_allclose(gradients[0, 0], [2.0, -1.5, -0.5], rtol=1e-5)


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "relu"])
def test_an_output_nonlinearity_is_not_looked_behind(name, activation):
    from sweeper.train.losses import LOSSES
    from sweeper.train.quiet import keras, tf

    z, y = np.random.default_rng(1).normal(size=(2, 5, 4)).astype(np.float32), np.array([[0, 1, 2, 3, 0]] * 2)
    outputs = keras.activations.get(activation)
    compiled = tf.function(lambda: LOSSES[name](tf.constant(y, tf.int32), outputs(tf.constant(z))))
    np.testing.assert_allclose(compiled(), REFERENCE[name](y, outputs(z).numpy().astype(float)), rtol=1e-4)
