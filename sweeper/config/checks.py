"""Rules that types cannot say: ranges, names, and what fits together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from typing import Any

from sweeper.config import schema
from sweeper.config.datasets import DATASETS
from sweeper.config.metrics import CLASSIFICATION, METRICS, REGRESSION
from sweeper.config.registry import unknown
from sweeper.config.schema import Config
from sweeper.config.weights import class_weights
from sweeper.errors import InputError

MEMORY_LIMIT = 16 * 2**30
"""Bytes: a network that needs more for its weights and one batch is taken for a slip of the keyboard."""
MOST_FOLDS = 50
TYPICAL_FEATURES = 784
TYPICAL_EXAMPLES = 60_000
"""The data are not known here; MNIST's sizes stand in for the estimate of memory."""
LARGEST = 2**31 - 1
"""Whole numbers above do not fit TensorFlow's int32."""
FLOAT32 = (1.2e-38, 3.4e38)
"""The smallest and largest normal numbers that the trainer can hold."""

_NEEDED = {"path": ("a file", "FILE"), "target": ("the column with the labels", "label")}
"""What a key stands for, and an example, for messages."""
_SHARES = ("momentum", "rho", "beta_1", "beta_2")


def check(config: Config) -> Config:
    """The same configuration, if every rule holds.

    Raises:
        InputError: what is wrong, with its key.
    """
    return check_together(check_values(config))


def check_values(config: Config) -> Config:
    """Check the rules for each value by itself, and the memory that all of them take.

    Raises:
        InputError: a value out of its range, an unknown name, or a network too large.
    """
    _check_names(config)
    _check_sizes(config)
    _check_rates(config)
    _check_optimizer(config)
    _check_decay(config)
    _check_dataset(config)
    _check_memory(config)
    return config


def check_together(config: Config) -> Config:
    """Check the rules between values.

    Raises:
        InputError: two values that contradict each other, or one that would do nothing.
    """
    depth = len(config.hidden)
    _check_per_layer("activation", config.activation, depth)
    _check_per_layer("dropout", config.dropout, depth)
    _check_length(config)
    _check_source(config)
    if config.init.stddev != schema.Init.stddev and config.init.name not in schema.SCALED_INITS:
        raise InputError(
            f"init.stddev does nothing with init={config.init.name}, which scales itself",
            hint=f"leave it out, or choose one of {', '.join(schema.SCALED_INITS)}",
            key="init.stddev",
        )
    return config


def parameters(config: Config, features: int = TYPICAL_FEATURES, classes: int = 10) -> int:
    """Weights and biases of one member."""
    widths = (features, *config.hidden, classes)
    return sum((below + 1) * above for below, above in pairwise(widths))


def _check_names(config: Config) -> None:
    for name in {config.activation} if isinstance(config.activation, str) else config.activation:
        _known("activation", name, schema.ACTIVATIONS)
    _known("output_activation", config.output_activation, schema.OUTPUT_ACTIVATIONS)
    _known("loss", config.loss, schema.LOSSES)
    for name in config.metrics:
        _known("metrics", name, METRICS.names)
    class_weights(config.class_weight)
    _known("init", config.init.name, schema.INITS)
    _known("dataset", config.dataset.name, tuple(DATASETS))
    _known("dataset.missing", config.dataset.missing, ("impute", "refuse", "drop"))
    _known("dataset.task", config.dataset.task, ("auto", CLASSIFICATION, REGRESSION))
    _known("dataset.hold", config.dataset.hold, ("auto", "memory", "file"))
    if config.dataset.labels:
        _known("dataset.labels", config.dataset.labels, ("text", "numbers"))


def _known(key: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise unknown("name", name, names, where=key, key=key)


def _check_sizes(config: Config) -> None:
    for width in config.hidden:
        _between("hidden", width, 1, LARGEST)
    if isinstance(config.batch_size, int):
        _between("batch_size", config.batch_size, 1, LARGEST)
    elif config.batch_size != "full":
        raise InputError(
            f'batch_size: {config.batch_size} is neither a number of examples nor "full"',
            hint="batch_size=100, or batch_size=full",
            key="batch_size",
        )
    for key in ("repeats", "log_every", "steps"):
        if getattr(config, key) is not None:
            _between(key, getattr(config, key), 1, LARGEST)
    for key in ("seed", "batch_seed", "validate_every", "validate_min_steps", "stop_after"):
        _between(key, getattr(config, key), 0, LARGEST)
    _between("seed", config.seed + config.repeats - 1, 0, LARGEST)


def _check_rates(config: Config) -> None:
    _between("learning_rate", config.learning_rate, *FLOAT32)
    for rate in {config.dropout} if isinstance(config.dropout, float) else config.dropout:
        _share("dropout", rate)
    _share("input_dropout", config.input_dropout)
    _between("l1", config.l1, 0, FLOAT32[1])
    _between("l2", config.l2, 0, FLOAT32[1])
    _between("init.stddev", config.init.stddev, 0, FLOAT32[1])
    _between("init.bias", config.init.bias, -FLOAT32[1], FLOAT32[1])
    if config.epochs is not None:
        _between("epochs", config.epochs, FLOAT32[0], LARGEST)


def _check_optimizer(config: Config) -> None:
    for key, value in _numbers(config.optimizer):
        if key in _SHARES:
            _share(f"optimizer.{key}", value)
        else:
            low = FLOAT32[0] if key == "epsilon" else 0
            _between(f"optimizer.{key}", value, low, FLOAT32[1])


def _check_decay(config: Config) -> None:
    lows = {
        "rate": FLOAT32[0],
        "power": FLOAT32[0],
        "decay_steps": int(isinstance(config.lr_decay, schema.Exponential)),
    }
    highs = {"final": 1.0, "decay_steps": LARGEST, "warmup_steps": LARGEST}
    for key, value in _numbers(config.lr_decay):
        _between(f"lr_decay.{key}", value, lows.get(key, 0), highs.get(key, FLOAT32[1]))


def _numbers(part: object) -> Iterator[tuple[str, float]]:
    for f in fields(part):  # type: ignore[arg-type]
        value = getattr(part, f.name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f.name, value


def _check_dataset(config: Config) -> None:
    _between("dataset.train_size", config.dataset.train_size, 0, LARGEST)
    _between("validation.seed", config.validation.seed, 0, LARGEST)
    _between("validation.folds", config.validation.folds, 0, MOST_FOLDS)
    if config.validation.folds == 1:
        said = "validation.folds: 1 is neither 0, for one validation split, nor at least 2"
        raise InputError(
            said, hint="such as 5", key="validation.folds", instead=("validation.folds=1", "validation.folds=5")
        )
    size = config.validation.size
    _between("validation.size", size, FLOAT32[0], LARGEST)
    if size > 1 and not size.is_integer():
        raise InputError(
            f"validation.size: {size} is neither a number of examples nor a fraction",
            hint="a whole number from 1, or a fraction below 1",
            key="validation.size",
        )


def _check_memory(config: Config) -> None:
    """Weights, gradients and two arrays of the optimizer for each member, and one batch of activations."""
    batch = min(config.batch_size, TYPICAL_EXAMPLES) if isinstance(config.batch_size, int) else TYPICAL_EXAMPLES
    needed = 4 * config.repeats * (4 * parameters(config) + batch * (sum(config.hidden) + TYPICAL_FEATURES))
    if needed > MEMORY_LIMIT:
        raise InputError(
            f"the network would need about {_amount(needed)} of memory "
            f"({_amount(4 * parameters(config))} for the weights of one member, {config.repeats} of them)",
            hint=f"use fewer units, repeats or examples in a batch; the limit is {_amount(MEMORY_LIMIT)}",
            key="repeats" if config.repeats > max(config.hidden, default=0) else "hidden",
        )


def _amount(size: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB", "TB", "PB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} EB"


def _check_per_layer(key: str, value: Any, depth: int) -> None:
    if isinstance(value, tuple) and len(value) != depth:
        raise InputError(
            f"{key}: {len(value)} given for {depth} hidden layer{'s' * (depth != 1)}",
            hint="give one for all layers, or as many as hidden has",
            key=key,
        )


def _check_length(config: Config) -> None:
    if config.steps is not None and config.epochs is not None:
        hint = "give one; the other is null"
        raise InputError("both steps and epochs are given", hint=hint, key="epochs", instead=("steps=", ""))
    if config.steps is None and config.epochs is None:
        raise InputError("neither steps nor epochs is given", hint="steps=5000, or epochs=10", key="steps")
    if config.steps is not None and config.lr_decay.warmup_steps > config.steps:
        raise InputError(
            f"lr_decay.warmup_steps: {config.lr_decay.warmup_steps} is more than all {config.steps} steps",
            hint="the learning rate would never be reached; use fewer",
            key="lr_decay.warmup_steps",
        )


def _check_source(config: Config) -> None:
    kind = DATASETS[config.dataset.name]
    for key in ("group", "time"):
        if getattr(config.validation, key) and not kind.is_table:
            idle = f"validation.{key} does nothing with dataset={config.dataset.name}"
            raise InputError(idle, hint="only a table of yours is divided by a column", key=f"validation.{key}")
    if config.validation.folds and config.validation.size != schema.Validation.size:
        hint = "leave one of the two out"
        raise InputError("both validation.size and validation.folds are given", hint=hint, key="validation.folds")
    if config.validation.group and config.validation.time:
        hint = "give one of the two"
        raise InputError("both validation.group and validation.time are given", hint=hint, key="validation.time")
    for f in fields(config.dataset):
        given = getattr(config.dataset, f.name) != f.default
        if given and f.name not in {"name", "train_size", *kind.keys}:
            some = [name for name, other in DATASETS.items() if f.name in other.keys]
            raise InputError(
                f"dataset.{f.name} does nothing with dataset={config.dataset.name}",
                hint=f"leave it out, or choose one of {', '.join(some)}",
                key=f"dataset.{f.name}",
            )
        if not given and f.name in kind.needs:
            what, example = ("a folder", "FOLDER") if kind.is_folder and f.name == "path" else _NEEDED[f.name]
            hint, chosen = f"dataset.{f.name}={example}", f"dataset={config.dataset.name}"
            meant = (chosen, f"{chosen} {hint}")
            raise InputError(f"{chosen} needs {what}", hint=hint, key=f"dataset.{f.name}", instead=meant)


def _share(key: str, value: float) -> None:
    if not 0 <= value < 1:
        raise InputError(f"{key}: {value} is not from 0 to below 1", hint="a share, such as 0.2", key=key)


def _between(key: str, value: float, low: float, high: float) -> None:
    if low <= value <= high:
        return
    if not math.isfinite(value):
        said, hint = "is not a finite number", "give it a number"
    elif value > high:
        said, hint = "is too large", f"at most {_plain(high)}"
    elif low != FLOAT32[0]:
        said, hint = f"is below {_plain(low)}", f"at least {_plain(low)}"
    else:
        said, hint = ("is too small" if value > 0 else "is not above 0"), "more than 0"
    raise InputError(f"{key}: {value} {said}", hint=hint, key=key)


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"
