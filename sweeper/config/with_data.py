"""Rules between a configuration and its data: their size, their classes, or the numbers that are to be predicted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sweeper.config.metrics import CLASSIFICATION, METRICS, REGRESSION, Task
from sweeper.config.rates import RATE, too_high
from sweeper.config.registry import unknown
from sweeper.config.schema import Config, epoch_steps, total_steps
from sweeper.config.weights import NONE, class_weights
from sweeper.errors import InputError

FLOOR = "validate_min_steps"
GIVE_WAY = ("batch_size", "loss", "validate_every", FLOOR, RATE)
"""Keys whose usual value gives way to data that it does not fit; see ``settled``. That of the learning rate stays."""

APART, OFTEN = 50, 200
"""A training that would validate more often than the second, fewer steps apart than the first, keeps to the first."""

STOP, PATIENCE = "stop_after", 20
"""The trials of a search for which that holds end after so many validations without a gain, with the best weights."""

OF_NUMBERS = ("mse", "mae", "huber")
"""The losses of a regression; the first is taken where none is asked for."""
OF_NUMBERS_ALONE = ("mae", "huber")


def check_with_data(config: Config, train_size: int, classes: Sequence[str], *, in_file: bool = False) -> None:
    """Check the rules between the configuration and its data.

    Args:
        config: checked by itself already.
        train_size: training examples, after the validation split and `dataset.train_size`.
        classes: their names; none where numbers are predicted.
        in_file: whether features stay in their file.

    Raises:
        InputError: a batch larger than the data, or keys that the data cannot give a meaning to.
    """
    if isinstance(config.batch_size, int) and config.batch_size > train_size:
        raise InputError(
            f"batch_size: {config.batch_size} is more than the {train_size} training examples",
            hint="use a smaller batch, or batch_size=full for all of them",
            key="batch_size",
            instead=None if in_file else (f"batch_size={config.batch_size}", "batch_size=full"),
        )
    if in_file and config.batch_size in {"full", train_size}:
        raise InputError(
            f"batch_size: {config.batch_size} is all training examples, and those stay in their file",
            hint="use a smaller batch, or dataset.hold=memory",
            key="batch_size",
        )
    if len(classes) == 1:
        raise InputError(
            "the data have 1 class; a classifier needs at least two", hint="check the labels", key="dataset"
        )
    if classes:
        _check_classes(config, classes)
    else:
        _check_numbers(config)


def settled(
    config: Config,
    train_size: int,
    classes: Sequence[str],
    free: Collection[str],
    others: Iterable[Config] = (),
) -> tuple[dict[str, int | str], tuple[str, ...]]:
    """What gives way to the data, and lines on it for people: the usual batch, if larger than all of them, the loss of
    classes, if numbers are to be predicted, and a validation each epoch, if epochs are a few steps. A line, too, on a
    learning rate that nobody chose for the optimizer.

    Args:
        config: as it was asked for.
        train_size: training examples.
        classes: their names; none where numbers are predicted.
        free: keys that nobody asked for. What was typed is taken at its word, and refused.
        others: more configurations of the same study, which shall validate by the same rule.
    """  # noqa: D205 - one sentence
    found: dict[str, Any] = {}
    study = (config, *others)
    said = list(too_high(study)) if RATE in free else []
    usual = config.batch_size
    if "batch_size" in free and usual == Config.batch_size and isinstance(usual, int) and usual > train_size:
        found["batch_size"] = train_size
        said.append(f"a batch holds all {train_size} training examples, not the usual {usual}")
    if "loss" in free and not classes and config.loss == Config.loss:
        found["loss"] = OF_NUMBERS[0]
    by_epoch = {"validate_every", FLOOR} <= {*free}
    if by_epoch and any(_is_crowded(each, train_size) for each in (replace(config, **found), *study[1:])):
        found[FLOOR] = APART
    return found, tuple(said)


def as_before(settled: Mapping[str, int | str]) -> dict[str, int | str]:
    """The same by the rule of studies that were begun when every epoch was validated, however short."""
    return {key: value for key, value in settled.items() if key != FLOOR}


def _is_crowded(config: Config, train_size: int) -> bool:
    """Whether validations by the epoch would take more time than they tell."""
    every = epoch_steps(config, train_size)
    by_epoch = not config.validate_every and not getattr(config, FLOOR)
    return by_epoch and every < APART and total_steps(config, train_size) > OFTEN * every


def _check_classes(config: Config, classes: Sequence[str]) -> None:
    """Check what is asked of data with these classes.

    Raises:
        InputError: a loss or metric of numbers, or the weight of a class that there is not.
    """
    if config.loss in OF_NUMBERS_ALONE:
        hint = "use cross_entropy, or dataset.task=regression if the target is a number to predict"
        raise InputError(f"loss: {config.loss} is of numbers, and the data have classes", hint=hint, key="loss")
    _check_metrics(config, CLASSIFICATION)
    for name in class_weights(config.class_weight):
        if name not in classes:
            raise unknown("class", name, classes, where="class_weight", key="class_weight")


def _check_numbers(config: Config) -> None:
    """Check what is asked of data whose target is a number.

    Raises:
        InputError: something that only classes have.
    """
    if config.loss not in OF_NUMBERS:
        hint = f"use one of {', '.join(OF_NUMBERS)}; mse is taken if none is given"
        raise InputError(f"loss: {config.loss} is of classes, and the target is a number", hint=hint, key="loss")
    if config.class_weight != NONE:
        hint = "leave it out"
        raise InputError("class_weight does nothing where the target is a number", hint=hint, key="class_weight")
    if config.output_activation != "linear":
        raise InputError(
            f"output_activation: {config.output_activation} cannot reach every number; the target is standardised",
            hint="leave it out: output_activation=linear",
            key="output_activation",
        )
    _check_metrics(config, REGRESSION)


def _check_metrics(config: Config, task: Task) -> None:
    other = next((name for name in config.metrics if METRICS[name].task != task), "")
    if other:
        known = ", ".join(row.name for row in METRICS.values() if row.task == task)
        what = "classes" if task == REGRESSION else "numbers"
        raise InputError(
            f"metrics: {other} is of {what}, which these data have not", hint=f"one of {known}", key="metrics"
        )
