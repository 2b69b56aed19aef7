"""Trained members as plain Keras models, one ``.keras`` file each."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from sweeper.data import preprocessing
from sweeper.data.split import Target
from sweeper.train.group import Lane, widths
from sweeper.train.network import Network
from sweeper.train.quiet import keras
from sweeper.train.resident import Resident


def export(network: Network, lane: Lane, data: Resident) -> tuple[str, ...]:
    """Save each member of a trial in its ``model_dir``; the paths, none if it wants none.

    The file holds a ``keras.Sequential`` of stock layers, which any Keras loads without sweeper. Its outputs are
    what the loss is computed from (logits, unless ``output_activation`` says otherwise): no softmax. Of a regression
    a last layer brings the output back to the target's unit. How the features were made, and what the classes are
    called, is in the file, too (``data.preprocessing``).
    """
    if not lane.spec.model_dir:
        return ()
    folder = Path(lane.spec.model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    config = lane.config
    activations = (*config.activations, config.output_activation)
    dropouts = (config.input_dropout, *config.dropouts)
    model = plain(widths(config, data.split), activations, dropouts, data.split.target)
    paths = []
    for number in range(lane.size):
        model.set_weights(network.member(lane.members.start + number, data.columns))
        paths.append(str(_save(model, folder / f"member-{number}.keras", data.split.preprocessing)))
    return tuple(paths)


def fingerprints(network: Network, lane: Lane, data: Resident) -> tuple[str, ...]:
    """SHA-256 over the weights of each member of a trial, layer by layer: equal if every bit is."""
    numbers = range(lane.members.start, lane.members.stop)
    members = (network.member(number, data.columns) for number in numbers)
    return tuple(hashlib.sha256(b"".join(part.tobytes() for part in member)).hexdigest() for member in members)


@lru_cache(maxsize=16)
def plain(
    widths_: tuple[int, ...], activations: tuple[str, ...], dropouts: tuple[float, ...], target: Target | None = None
) -> Any:
    """One member's network as stock layers: dropout (where there is any) before the Dense layer that reads it."""
    layers = [keras.layers.Input((widths_[0],))]
    for units, activation, dropout in zip(widths_[1:], activations, dropouts, strict=True):
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
        layers.append(keras.layers.Dense(units, activation=activation))
    if target is not None:
        layers.append(keras.layers.Rescaling(target.scale, target.mean))
    return keras.Sequential(layers)


def _save(model: Any, path: Path, document: str) -> Path:
    """Whole or not at all."""
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    try:
        model.save(unfinished)
        if document:
            preprocessing.add(unfinished, document)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
