"""The work that every peer does: MNIST 55,000/5,000, a small perceptron, 5,500 steps of plain gradient descent.

Each peer is written as its own documentation shows it: Keras `fit`, batches of 100, ten epochs,
validation each epoch, random search, no pruning.
"""

import argparse
import gzip
import json
import os
import time
from pathlib import Path

import numpy as np

HIDDEN = ("50", "100", "50,30", "100,30", "100,50,30")
ACTIVATIONS = ("relu", "tanh", "sigmoid")
DROPOUT = (0.0, 0.2)
LEARNING_RATE = (0.01, 1.0)
L2 = (1e-6, 1e-3)
EPOCHS = 10
STARTED = time.time()


def arguments() -> argparse.Namespace:
    """How many trials, and from which seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def mnist() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training and validation images [N, 784] in 0..1 and labels [N]."""
    folder = Path(os.environ["SWEEPER_DATA"]) / "mnist"
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    order = np.random.default_rng(0).permutation(len(images))
    fit, held = order[5000:], order[:5000]
    return images[fit], labels[fit], images[held], labels[held]


def model(hidden: str, activation: str, learning_rate: float, dropout: float, l2: float):
    """A compiled Keras model."""
    import keras

    layers = [keras.layers.Input((784,))]
    for units in map(int, hidden.split(",")):
        layers.append(keras.layers.Dense(units, activation, kernel_regularizer=keras.regularizers.L2(l2)))
        if dropout:
            layers.append(keras.layers.Dropout(dropout))
    network = keras.Sequential([*layers, keras.layers.Dense(10)])
    network.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return network


def finish(path: Path, peer: str, scores: list[tuple[float, float]]) -> None:
    """Write what was measured: (seconds since the start, validation accuracy) of each trial."""
    path.write_text(json.dumps({"peer": peer, "seconds": time.time() - STARTED, "trials": scores}))
