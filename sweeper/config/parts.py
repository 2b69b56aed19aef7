"""The parts of a configuration that have keys of their own: data, initial weights, optimizer, decay.

Each kind of optimizer and of decay is a class, so that a key which a kind does not have cannot be given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LATER = {"since": 2}
"""Metadata of a key that came after configurations were recorded: left out at its default, so that digests hold."""


@dataclass(frozen=True)
class Validation:
    """The part of the training data that is held back to choose by."""

    size: float = 5000.0
    """Examples (a whole number from 1), or a fraction of the training data (below 1)."""
    seed: int = 0
    """Seed of the stratified split."""
    group: str = field(default="", metadata=LATER)
    """csv and parquet: the column whose equal values stay on one side, of validation and of the sealed part."""
    folds: int = field(default=0, metadata=LATER)
    """Validate on each of so many parts in turn, training on the others, instead of on `size`; 0 for no folds."""
    time: str = field(default="", metadata=LATER)
    """csv and parquet: the column with the order of rows: the latest are sealed, the latest of the rest validate."""


@dataclass(frozen=True)
class Dataset:
    """Where the data come from."""

    name: str = "mnist"
    """mnist, mnist_5k, fashion_mnist, digits, diabetes; or npz, npy, csv, parquet with `path`."""
    path: str = ""
    """The file of an npz, csv or parquet data set, or the folder of an npy data set."""
    target: str = ""
    """csv and parquet: the column with the labels."""
    train_size: int = 0
    """Training examples to use, stratified, after the validation split is taken; 0 for all."""
    test_path: str = field(default="", metadata=LATER)
    """Tables: a file with the test part, which is sealed; else a fifth of the rows is."""
    separator: str = field(default="", metadata=LATER)
    """csv: what separates fields, such as ";"; found if it is not given."""
    decimal: str = field(default="", metadata=LATER)
    """Tables: the decimal mark of numbers in text; a point, behind semicolons or tabs a comma, if it is not given."""
    thousands: str = field(default="", metadata=LATER)
    """Tables: what separates thousands in text; nothing if it is not given."""
    encoding: str = field(default="", metadata=LATER)
    """csv: utf-8, utf-16, cp1252 and so on; found if it is not given."""
    header: bool = field(default=True, metadata=LATER)
    """csv: whether the first line names the columns; else they are column_1, column_2 and so on."""
    missing: str = field(default="impute", metadata=LATER)
    """Tables: impute (numbers: the training median and a feature that says so; categories: one more), refuse, drop."""
    missing_markers: tuple[str, ...] = field(default=(), metadata=LATER)
    """Tables: texts that stand for a missing value, instead of the usual ones (NA, NaN, null, None, ? and so on)."""
    drop: tuple[str, ...] = field(default=(), metadata=LATER)
    """Tables: columns to leave out."""
    numbers: tuple[str, ...] = field(default=(), metadata=LATER)
    """Tables: columns that are numbers, whatever they look like."""
    categories: tuple[str, ...] = field(default=(), metadata=LATER)
    """Tables: columns that are categories, whatever they look like."""
    dates: tuple[str, ...] = field(default=(), metadata=LATER)
    """Tables: columns that are dates, whatever they look like."""
    date_format: str = field(default="", metadata=LATER)
    """Tables: how texts in `dates` are written, such as "%d/%m/%Y"; as 2026-01-31 if it is not given."""
    labels: str = field(default="", metadata=LATER)
    """Tables: text or numbers; numbers where all labels are plain ones (1, not 01), if it is not given."""
    task: str = field(default="auto", metadata=LATER)
    """Tables, npy: classification, regression (numbers to predict) or auto: numbers if fractions or over 1,000."""
    hold: str = field(default="auto", metadata=LATER)
    """npy: where features are: memory; file, of which batches are read; or auto: file if over an eighth of memory."""


@dataclass(frozen=True)
class Init:
    """Initial weights and biases."""

    name: str = "truncated_normal"
    """truncated_normal, normal, uniform; glorot, he or lecun with _uniform or _normal; zeros."""
    stddev: float = 0.1
    """Standard deviation of truncated_normal and normal; half-width of uniform. The others scale themselves."""
    bias: float = 0.1
    """The initial value of every bias."""


@dataclass(frozen=True)
class Optimizer:
    """Which optimizer; each kind below adds its own parameters."""

    name: str = "sgd"
    """sgd, momentum, nesterov, rmsprop, adam, adamw, nadam, adamax, adagrad, adadelta, lion."""
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
    """Share of the running mean of squared gradients that is kept, 0 to below 1."""
    momentum: float = 0.0
    """Share of the last update that is kept, 0 to below 1."""
    epsilon: float = 1e-7
    """Added to the root, against division by zero."""
    centered: bool = False
    """Divide by the gradients' spread about their mean instead of about zero."""


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015); also adamax, nadam."""

    name: str = "adam"
    beta_1: float = 0.9
    """Share of the running mean of gradients that is kept, 0 to below 1."""
    beta_2: float = 0.999
    """Share of the running mean of squared gradients that is kept, 0 to below 1."""
    epsilon: float = 1e-7
    """Added to the root, against division by zero."""


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    name: str = "adamw"
    weight_decay: float = 0.004
    """Share of each weight that is taken off in a step, times the learning rate."""


@dataclass(frozen=True)
class Lion(Optimizer):
    """Lion (Chen et al. 2023)."""

    name: str = "lion"
    beta_1: float = 0.9
    """Weight of the running mean against the newest gradient in the update, 0 to below 1."""
    beta_2: float = 0.99
    """Share of the running mean of gradients that is kept, 0 to below 1."""


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad (Duchi et al. 2011)."""

    name: str = "adagrad"
    initial_accumulator_value: float = 0.1
    """Where the sum of squared gradients starts."""
    epsilon: float = 1e-7
    """Added to the root, against division by zero."""


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012)."""

    name: str = "adadelta"
    rho: float = 0.95
    """Share of the running means that is kept, 0 to below 1."""
    epsilon: float = 1e-7
    """Added to both roots, against division by zero."""


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
    """none, exponential, step, inverse_time, cosine, polynomial."""
    warmup_steps: int = 0
    """Steps over which the learning rate first rises linearly from 0 (decay is counted from their end)."""


@dataclass(frozen=True)
class Exponential(Decay):
    """learning_rate * rate ** (step / decay_steps)."""

    name: str = "exponential"
    rate: float = 0.5
    """The factor (inverse_time: the slope) of each `decay_steps`."""
    decay_steps: int = 1000
    """Optimizer steps from one factor to the next."""


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
    """Optimizer steps until the end of the fall; 0 for all steps after the warm-up."""
    final: float = 0.0
    """What is left at the end, as a share of the learning rate, 0 to 1."""


@dataclass(frozen=True)
class Polynomial(Cosine):
    """(1 - step / decay_steps) ** power, from the learning rate down to `final` times it."""

    name: str = "polynomial"
    power: float = 1.0
    """1 is a straight line; more falls faster at first."""


DECAYS: dict[str, type[Decay]] = {
    "none": Decay,
    "exponential": Exponential,
    "step": Step,
    "inverse_time": InverseTime,
    "cosine": Cosine,
    "polynomial": Polynomial,
}
