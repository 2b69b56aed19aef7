"""The configuration: every key, its type, its unit and the tutorial's value.

These frozen dataclasses are both the schema that Hydra checks types against and what the rest of
sweeper reads. Rules between fields are in ``checks``; reading overrides is in ``compose``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from statistics import fmean
from typing import Any

from sweeper.config.parts import (
    DECAYS,
    LATER,
    OPTIMIZERS,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Cosine,
    Dataset,
    Decay,
    Exponential,
    Init,
    InverseTime,
    Lion,
    Momentum,
    Optimizer,
    Polynomial,
    RMSprop,
    Step,
    Validation,
)

__all__ = [
    "ACTIVATIONS",
    "DECAYS",
    "INITS",
    "KEYS",
    "LATER_KEYS",
    "LOSSES",
    "OPTIMIZERS",
    "OUTPUT_ACTIVATIONS",
    "SCALED_INITS",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Config",
    "Cosine",
    "Dataset",
    "Decay",
    "Exponential",
    "Init",
    "InverseTime",
    "Lion",
    "Momentum",
    "Optimizer",
    "Polynomial",
    "RMSprop",
    "Step",
    "Validation",
]

ACTIVATIONS = (
    "relu", "tanh", "sigmoid", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign", "linear",
)  # fmt: skip
OUTPUT_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
LOSSES = ("cross_entropy", "full_cross_entropy", "mse", "categorical_hinge", "mae", "huber")
INITS = (
    "truncated_normal", "normal", "uniform", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
    "lecun_uniform", "lecun_normal", "zeros",
)  # fmt: skip
SCALED_INITS = ("truncated_normal", "normal", "uniform")
"""The initialisations that `init.stddev` scales; the others scale themselves."""


@dataclass(frozen=True)
class Config:
    """One configuration, checked; the defaults are the tutorial's run."""

    activation: str | tuple[str, ...] = "relu"
    """Activation of the hidden layers: one for all, or one for each."""
    hidden: tuple[int, ...] = (50, 30)
    """Units of each hidden layer; [] is softmax regression."""
    output_activation: str = "linear"
    """Applied to the logits before the loss."""
    loss: str = "cross_entropy"
    """On logits: cross_entropy, full_cross_entropy, categorical_hinge; on softmax: mse. Of numbers: mse, mae, huber."""
    class_weight: str = field(default="none", metadata=LATER)
    """Weight of each class in the training loss: none, balanced (each class counts alike), or by name: {fraud:5}."""
    optimizer: Optimizer = field(default_factory=Optimizer)
    """How weights follow gradients; each kind has keys of its own."""
    learning_rate: float = 0.1
    """The step of the optimizer before any decay, above 0: 0.1 suits gradient descent, about 0.001 adam and its kin."""
    lr_decay: Decay = field(default_factory=Decay)
    """How the learning rate changes over the steps; each kind has keys of its own."""
    dropout: float | tuple[float, ...] = 0.0
    """Share of hidden units dropped in training: one for all hidden layers, or one for each."""
    input_dropout: float = 0.0
    """Share of input features dropped in training."""
    l2: float = 0.0
    """Added to the loss: l2 times the sum of squared weights (biases not counted), as Keras' L2."""
    l1: float = 0.0
    """Added to the loss: l1 times the sum of absolute weights."""
    init: Init = field(default_factory=Init)
    """Initial weights and biases."""
    batch_size: int | str = 100
    """Examples in a step, or "full" for the whole training set."""
    steps: int | None = 5000
    """Optimizer updates; null where `epochs` is given."""
    epochs: float | None = None
    """Passes over the training set, instead of steps."""
    seed: int = 0
    """Initial weights of the first member; member r starts from seed + r."""
    batch_seed: int = 0
    """Order of the examples and dropout noise, the same for all members."""
    repeats: int = 1
    """Members: the same configuration from that many initial weights, trained together."""
    log_every: int = 100
    """Steps from one progress report to the next."""
    validate_every: int = 0
    """Steps from one validation to the next; 0 for every epoch."""
    validate_min_steps: int = field(default=0, metadata=LATER)
    """With `validate_every=0`: as many epochs from one validation to the next as take so many steps; 0 for one."""
    stop_after: int = field(default=0, metadata=LATER)
    """Stop after so many validations without gain in the objective, and keep the best weights; 0 for never."""
    metrics: tuple[str, ...] = field(default=(), metadata=LATER)
    """Further metrics at every validation, such as [balanced_accuracy,auc]; at the end all of them are computed."""
    dataset: Dataset = field(default_factory=Dataset)
    """Where the data come from."""
    validation: Validation = field(default_factory=Validation)
    """The part of the training data that is held back to choose by."""

    @property
    def activations(self) -> tuple[str, ...]:
        """One activation for each hidden layer."""
        return (self.activation,) * len(self.hidden) if isinstance(self.activation, str) else self.activation

    @property
    def dropouts(self) -> tuple[float, ...]:
        """One dropout rate for each hidden layer."""
        return self.dropout if isinstance(self.dropout, tuple) else (self.dropout,) * len(self.hidden)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The initial-weight seed of each member."""
        return tuple(range(self.seed, self.seed + self.repeats))

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which ``from_dict`` makes an equal Config.

        Keys that came after configurations were recorded (``parts.LATER``) are there where they are not the default,
        so that what was recorded before keeps its digest.
        """
        return dict(_plain(self))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Config:
        """A Config out of plain values; types and rules are not checked here (see ``checks``)."""
        made: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        kinds: dict[str, Any] = {
            "optimizer": OPTIMIZERS[values["optimizer"]["name"]] if "optimizer" in values else Optimizer,
            "lr_decay": DECAYS[values["lr_decay"]["name"]] if "lr_decay" in values else Decay,
            "init": Init,
            "dataset": Dataset,
            "validation": Validation,
        }
        return cls(**made | {name: kind(**_tuples(values[name])) for name, kind in kinds.items() if name in values})


def _plain(part: Any) -> Any:
    """A part as plain values; what is no part, as it is."""
    if isinstance(part, tuple):
        return list(part)
    if not is_dataclass(part):
        return part
    given = {f.name: (getattr(part, f.name), f) for f in fields(part)}
    return {name: _plain(value) for name, (value, f) in given.items() if not f.metadata or value != f.default}


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


KEYS = tuple(f.name for f in fields(Config))

_WITHIN = {"": Config, "dataset.": Dataset, "validation.": Validation}
LATER_KEYS = {prefix + f.name: f.default for prefix, kind in _WITHIN.items() for f in fields(kind) if f.metadata}
"""Keys that ``Config.to_dict`` leaves out where they are the default, with that default."""


def batch_size(config: Config, train_size: int) -> int:
    """Examples in a step, with ``full`` resolved."""
    return train_size if config.batch_size == "full" else int(config.batch_size)


def total_steps(config: Config, train_size: int) -> int:
    """Optimizer updates of the whole run; of ``epochs`` passes, the first whole number that covers them."""
    if config.steps is not None:
        return config.steps
    assert config.epochs is not None  # checks: one of the two is given
    # 0.1 epochs of 55,000 are 55.00000000000001 batches of 100, and shall be 55.
    return max(1, math.ceil(round(config.epochs * train_size / batch_size(config, train_size), 6)))


def epoch_steps(config: Config, train_size: int) -> int:
    """Steps in which all training examples are seen once."""
    return -(-train_size // batch_size(config, train_size))


def epochs_between(config: Config, train_size: int) -> int:
    """Passes over the training examples from one validation to the next, where validations come by the epoch."""
    return max(1, -(-config.validate_min_steps * batch_size(config, train_size) // train_size))


def as_long(config: Config, steps: int, kept: Mapping[str, Any], train_size: int) -> Config:
    """The configuration for as many steps as it was trained for, at the same learning rates.

    Of one that stopped early, as many as the weights that it kept had, in the mean over its members (and folds).

    Args:
        config: that was trained.
        steps: done.
        kept: as in ``TrialResult``.
        train_size: training examples, by which its learning rates were planned.
    """
    decay = config.lr_decay
    if kept and isinstance(decay, Cosine) and not decay.decay_steps:
        decay = replace(decay, decay_steps=max(1, total_steps(config, train_size) - decay.warmup_steps))
    meant = max(1, round(fmean(kept["steps"]))) if kept else steps
    return replace(config, steps=meant, epochs=None, stop_after=0, lr_decay=decay)
