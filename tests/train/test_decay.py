from __future__ import annotations

import numpy as np
import pytest

from sweeper.config.schema import Config, Cosine, Decay, Exponential, InverseTime, Polynomial, Step
from sweeper.train.decay import learning_rates

pytestmark = pytest.mark.tensorflow
STEPS = 400
KERAS = {
    "exponential": (
        Exponential(rate=0.7, decay_steps=90),
        lambda k: k.ExponentialDecay(0.3, decay_steps=90, decay_rate=0.7),
    ),
    "step": (
        Step(rate=0.7, decay_steps=90),
        lambda k: k.ExponentialDecay(0.3, decay_steps=90, decay_rate=0.7, staircase=True),
    ),
    "inverse_time": (
        InverseTime(rate=0.7, decay_steps=90),
        lambda k: k.InverseTimeDecay(0.3, decay_steps=90, decay_rate=0.7),
    ),
    "cosine": (Cosine(decay_steps=250, final=0.1), lambda k: k.CosineDecay(0.3, decay_steps=250, alpha=0.1)),
    "cosine over all steps": (Cosine(), lambda k: k.CosineDecay(0.3, decay_steps=STEPS)),
    "cosine after a warm-up": (
        Cosine(warmup_steps=50, final=0.2),
        lambda k: k.CosineDecay(0.0, decay_steps=STEPS - 50, alpha=0.2, warmup_target=0.3, warmup_steps=50),
    ),
    "polynomial": (
        Polynomial(decay_steps=250, final=0.1, power=2.5),
        lambda k: k.PolynomialDecay(0.3, decay_steps=250, end_learning_rate=0.03, power=2.5),
    ),
}


@pytest.mark.parametrize("name", KERAS)
def test_decays_are_those_of_keras(name):
    from sweeper.train.quiet import keras

    decay, schedule = KERAS[name]
    ours = learning_rates(Config(learning_rate=0.3, lr_decay=decay), STEPS, 0, STEPS)
    theirs = schedule(keras.optimizers.schedules)
    # Keras works in float32 all the way; ours is rounded once. Its cosine is alone in losing a digit near 0.
    np.testing.assert_allclose(ours, [float(theirs(step)) for step in range(STEPS)], rtol=2e-6, atol=2e-8)


def test_without_decay_the_rate_stays():
    rates = learning_rates(Config(learning_rate=0.3), 5, 0, 5)
    assert rates.dtype == np.float32
    assert rates.tolist() == [np.float32(0.3)] * 5


@pytest.mark.parametrize("kind", [Decay, Exponential, Step, InverseTime, Cosine, Polynomial])
def test_every_decay_is_counted_from_the_end_of_its_warm_up(kind):
    warm = learning_rates(Config(learning_rate=0.3, lr_decay=kind(warmup_steps=20)), 120, 0, 120)
    cold = learning_rates(Config(learning_rate=0.3, lr_decay=kind()), 100, 0, 100)
    np.testing.assert_allclose(warm[:20], 0.3 * np.arange(20) / 20, rtol=1e-6)
    np.testing.assert_array_equal(warm[20:], cold)


def test_a_warm_up_longer_than_the_run_only_rises():
    rates = learning_rates(Config(lr_decay=Cosine(warmup_steps=50)), 20, 0, 20)
    assert (np.diff(rates) > 0).all()


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", [Decay, Exponential, Step, InverseTime, Cosine, Polynomial])
def test_rates_are_the_same_however_they_are_asked_for_and_take_no_room_for_a_long_run(kind, monkeypatch):
    from sweeper.train import group
    from sweeper.trial import TrialSpec

    steps = 10**9
    configs = [Config(learning_rate=rate, lr_decay=kind(warmup_steps=20), repeats=2) for rate in (0.3, 0.1)]
    lanes = group.lanes([TrialSpec(str(n), config.to_dict()) for n, config in enumerate(configs)])
    whole = np.stack([learning_rates(config, steps, 0, 3000) for config in configs for _ in range(2)], axis=1)
    monkeypatch.setattr(group, "WINDOW", 700)
    rates = group.Rates(lanes, steps)
    for start, stop in ((0, 128), (127, 128), (600, 728), (650, 700), (1400, 2800), (2799, 2800), (10, 11)):
        np.testing.assert_array_equal(rates.take(start, stop), whole[start:stop])
    assert rates.take(steps - 5, steps).shape == (5, 4)
