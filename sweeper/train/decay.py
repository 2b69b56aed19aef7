"""The learning rate of every step, worked out beforehand: to the compiled loop a decay is only data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Config, Cosine, Decay, Exponential, InverseTime, Polynomial, Step

Curve = npt.NDArray[np.float64]


def learning_rates(config: Config, steps: int, start: int, stop: int) -> npt.NDArray[np.float32]:
    """The learning rate of each step from `start` to `stop` (not included) of a run with `steps`, [stop - start].

    The formulas are those of Keras' schedules (ExponentialDecay with and without ``staircase``,
    InverseTimeDecay, CosineDecay, PolynomialDecay); the warm-up is that of its CosineDecay.
    """
    decay = config.lr_decay
    warmup = decay.warmup_steps
    step = np.arange(start, stop, dtype=np.float64)
    after = np.maximum(step - warmup, 0.0)
    factor = _factor(decay, after, max(1, steps - warmup))
    rising = step / max(1, warmup)
    return (config.learning_rate * np.where(step < warmup, rising, factor)).astype(np.float32)


def _factor(decay: Decay, step: Curve, span: int) -> Curve:
    """What the learning rate is multiplied by, `step` steps after the warm-up of a run with `span` of them."""
    for kind, curve in _CURVES.items():
        if type(decay) is kind:
            return curve(decay, step, span)
    return np.ones_like(step)


def _exponential(decay: Exponential, step: Curve, _span: int) -> Curve:
    return decay.rate ** (step / decay.decay_steps)


def _step(decay: Step, step: Curve, _span: int) -> Curve:
    return decay.rate ** np.floor(step / decay.decay_steps)


def _inverse_time(decay: InverseTime, step: Curve, _span: int) -> Curve:
    return 1.0 / (1.0 + decay.rate * step / decay.decay_steps)


def _cosine(decay: Cosine, step: Curve, span: int) -> Curve:
    done = _done(decay, step, span)
    return decay.final + (1.0 - decay.final) * 0.5 * (1.0 + np.cos(np.pi * done))


def _polynomial(decay: Polynomial, step: Curve, span: int) -> Curve:
    return decay.final + (1.0 - decay.final) * (1.0 - _done(decay, step, span)) ** decay.power


def _done(decay: Cosine, step: Curve, span: int) -> Curve:
    return np.minimum(step / (decay.decay_steps or span), 1.0)


_CURVES: dict[type[Decay], Callable[..., Curve]] = {
    Exponential: _exponential,
    Step: _step,
    InverseTime: _inverse_time,
    Cosine: _cosine,
    Polynomial: _polynomial,
}
