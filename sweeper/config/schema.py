"""The configuration: every key, its type, its unit and the tutorial's value.

These frozen dataclasses are both the schema that Hydra checks types against and what the rest of
sweeper reads. Rules between fields are in ``checks``; reading overrides is in ``compose``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

ACTIVATIONS = (
    "relu", "tanh", "sigmoid", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign", "linear",
)  # fmt: skip
OUTPUT_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
LOSSES = ("cross_entropy", "full_cross_entropy", "mse", "categorical_hinge")


@dataclass(frozen=True)
class Validation:
    """The part of the training data that is held back to choose by."""

    size: float = 5000
    """Examples (a whole number from 1), or a fraction of the training data (below 1)."""
    seed: int = 0
    """Seed of the stratified split."""


@dataclass(frozen=True)
class Dataset:
    """Where the data come from."""

    name: str = "mnist"
    """mnist, mnist_5k, fashion_mnist, digits; or npz, csv, parquet with `path`."""
    path: str = ""
    """The file of an npz, csv or parquet data set."""
    target: str = ""
    """csv and parquet: the column with the labels."""
    train_size: int = 0
    """Training examples to use, stratified, after the validation split is taken; 0 for all."""


@dataclass(frozen=True)
class Init:
    """Initial weights and biases."""

    name: str = "truncated_normal"
    """truncated_normal, normal, uniform, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal, zeros."""
    stddev: float = 0.1
    """Standard deviation of truncated_normal and normal; half-width of uniform. The others scale themselves."""
    bias: float = 0.1
    """The initial value of every bias."""


@dataclass(frozen=True)
class Optimizer:
    """Which optimizer; each kind below adds its own parameters."""

    name: str = "sgd"
    clipnorm: float = 0.0
    """Clip the gradient of each weight array to this norm; 0 for no clipping."""


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum; `nesterov` is the same with a look ahead."""

    name: str = "momentum"
    momentum: float = 0.9
    """Share of the last update that is kept, 0 to below 1."""


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop (Hinton 2012)."""

    name: str = "rmsprop"
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015); also adamax, nadam."""

    name: str = "adam"
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    name: str = "adamw"
    weight_decay: float = 0.004


@dataclass(frozen=True)
class Lion(Optimizer):
    """Lion (Chen et al. 2023)."""

    name: str = "lion"
    beta_1: float = 0.9
    beta_2: float = 0.99


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad (Duchi et al. 2011)."""

    name: str = "adagrad"
    initial_accumulator_value: float = 0.1
    epsilon: float = 1e-7


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012)."""

    name: str = "adadelta"
    rho: float = 0.95
    epsilon: float = 1e-7


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": Optimizer,
    "momentum": Momentum,
    "nesterov": Momentum,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Adam,
    "adamax": Adam,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "lion": Lion,
}


@dataclass(frozen=True)
class Decay:
    """How the learning rate changes over the steps; each kind below adds its own parameters."""

    name: str = "none"
    warmup_steps: int = 0
    """Steps over which the learning rate first rises linearly from 0 (decay is counted from their end)."""


@dataclass(frozen=True)
class Exponential(Decay):
    """learning_rate * rate ** (step / decay_steps)."""

    name: str = "exponential"
    rate: float = 0.5
    decay_steps: int = 1000


@dataclass(frozen=True)
class Step(Exponential):
    """learning_rate * rate ** floor(step / decay_steps)."""

    name: str = "step"


@dataclass(frozen=True)
class InverseTime(Exponential):
    """learning_rate / (1 + rate * step / decay_steps)."""

    name: str = "inverse_time"


@dataclass(frozen=True)
class Cosine(Decay):
    """Half a cosine from the learning rate down to `final` times it."""

    name: str = "cosine"
    decay_steps: int = 0
    """0 for all steps after the warm-up."""
    final: float = 0.0


@dataclass(frozen=True)
class Polynomial(Cosine):
    """(1 - step / decay_steps) ** power, from the learning rate down to `final` times it."""

    name: str = "polynomial"
    power: float = 1.0


DECAYS: dict[str, type[Decay]] = {
    "none": Decay,
    "exponential": Exponential,
    "step": Step,
    "inverse_time": InverseTime,
    "cosine": Cosine,
    "polynomial": Polynomial,
}


@dataclass(frozen=True)
class Config:
    """One configuration, checked; the defaults are the tutorial's run."""

    activation: str | tuple[str, ...] = "relu"
    """Of the hidden layers: one for all, or one for each."""
    hidden: tuple[int, ...] = (50, 30)
    """Units of each hidden layer; () is softmax regression."""
    output_activation: str = "linear"
    """Applied to the logits before the loss."""
    loss: str = "cross_entropy"
    """cross_entropy and full_cross_entropy from logits; mse on the softmax output; categorical_hinge on the logits."""
    optimizer: Optimizer = field(default_factory=Optimizer)
    learning_rate: float = 0.1
    lr_decay: Decay = field(default_factory=Decay)
    dropout: float | tuple[float, ...] = 0.0
    """Share of hidden units dropped in training: one for all hidden layers, or one for each."""
    input_dropout: float = 0.0
    """Share of input features dropped in training."""
    l2: float = 0.0
    """Added to the loss: l2 times the sum of squared weights (biases not counted), as Keras' L2."""
    l1: float = 0.0
    """Added to the loss: l1 times the sum of absolute weights."""
    init: Init = field(default_factory=Init)
    batch_size: int | str = 100
    """Examples in a step, or "full" for the whole training set."""
    steps: int | None = 5000
    """Optimizer updates. None where `epochs` is given."""
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
    dataset: Dataset = field(default_factory=Dataset)
    validation: Validation = field(default_factory=Validation)

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
        """Plain JSON values, from which ``from_dict`` makes an equal Config."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Config:
        """A Config out of plain values; types and rules are not checked here (see ``checks``)."""
        made: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        kinds: dict[str, Any] = {
            "optimizer": OPTIMIZERS[values["optimizer"]["name"]] if "optimizer" in values else Optimizer,
            "lr_decay": DECAYS[values["lr_decay"]["name"]] if "lr_decay" in values else Decay,
            "init": Init,
            "dataset": Dataset,
            "validation": Validation,
        }
        return cls(**made | {name: kind(**values[name]) for name, kind in kinds.items() if name in values})


KEYS = tuple(f.name for f in fields(Config))
