from __future__ import annotations

import numpy as np
import pytest

from sweeper.config.schema import OPTIMIZERS, Optimizer

pytestmark = pytest.mark.tensorflow
REFERENCE = {
    "sgd": lambda k: k.SGD(0.05),
    "momentum": lambda k: k.SGD(0.05, momentum=0.9),
    "nesterov": lambda k: k.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda k: k.RMSprop(0.05),
    "adam": lambda k: k.Adam(0.05),
    "adamw": lambda k: k.AdamW(0.05),
    "nadam": lambda k: k.Nadam(0.05),
    "adamax": lambda k: k.Adamax(0.05),
    "adagrad": lambda k: k.Adagrad(0.05),
    "adadelta": lambda k: k.Adadelta(0.05),
    "lion": lambda k: k.Lion(0.05),
}


def test_every_optimizer_of_the_schema_is_tested():
    assert set(REFERENCE) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", REFERENCE)
def test_each_member_moves_as_under_keras_alone(name):
    """Two members with rates of their own, against Keras' optimizer for each."""
    from sweeper.train import optimizers
    from sweeper.train.quiet import keras

    random = np.random.default_rng(0)
    start = random.normal(size=(2, 3, 4)).astype(np.float32)
    gradients = random.normal(size=(5, 2, 3, 4)).astype(np.float32)
    together = keras.Variable(start)
    rates = np.array([0.05, 0.005], np.float32).reshape(2, 1, 1)
    ours = optimizers.build(OPTIMIZERS[name](name=name), lambda: rates)
    ours.build([together])
    for gradient in gradients:
        ours.apply([gradient], [together])
    for member, rate in enumerate((0.05, 0.005)):
        alone = keras.Variable(start[member])
        theirs = REFERENCE[name](keras.optimizers)
        theirs.learning_rate = rate
        for gradient in gradients:
            theirs.apply([gradient[member]], [alone])
        np.testing.assert_allclose(together.numpy()[member], alone.numpy(), rtol=2e-5, atol=1e-7)


def test_an_optimizers_own_parameters_reach_it():
    from sweeper.train import optimizers

    built = optimizers.build(OPTIMIZERS["rmsprop"](rho=0.5, momentum=0.25, centered=True), lambda: 0.1)
    assert (built.rho, built.momentum, built.centered) == (0.5, 0.25, True)
    assert optimizers.build(Optimizer(clipnorm=1.0), lambda: 0.1).clipnorm is None


def test_clipping_is_of_each_members_array_by_itself():
    from sweeper.train.optimizers import clip

    gradient = np.zeros((3, 2, 2), np.float32)
    gradient[0, 0, 0], gradient[1, 1] = 0.5, (3, 4)
    for cut in (0, 1):
        parts = [gradient[..., :cut], gradient[..., cut:], 2 * gradient]
        left, right, other = clip(parts, 1.0, [0, 0, 1])
        clipped = np.concatenate([left, right], axis=2)
        np.testing.assert_array_equal(clipped[0], gradient[0])
        np.testing.assert_allclose(clipped[1, 1], (0.6, 0.8), rtol=1e-6)
        assert not clipped[2].any()
        np.testing.assert_allclose(other[:2], clipped[:2] * np.float32([2, 1])[:, None, None], rtol=1e-6)
