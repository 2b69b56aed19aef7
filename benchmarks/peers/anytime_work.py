"""What each peer of anytime.py trains: the mission's own space, nine epochs of batches of 100, each one validated.

Each validation is a line in the file $ANYTIME_NOTES: seconds since the epoch, and the accuracy. Peers run until they
are stopped.
"""

import argparse
import os
import time

import work

ACTIVATIONS = ("relu", "tanh", "sigmoid")
DEPTH = (1, 3)
WIDTH = (16, 256)
LEARNING_RATE = (0.01, 1.0)
DROPOUT = (0.0, 0.5)
L2 = (1e-6, 1e-3)
EPOCHS = 9
"""5,000 steps of 550 an epoch."""


def seed() -> int:
    """Of the search."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args().seed


def note(accuracy: float) -> None:
    """Keep a validation, from whichever process."""
    with open(os.environ["ANYTIME_NOTES"], "a", encoding="ascii") as file:
        file.write(f"{time.time()} {accuracy}\n")


def model(config: dict):
    """A compiled Keras model."""
    import keras

    layers = [keras.layers.Input((784,))]
    for number in range(config["depth"]):
        penalty = keras.regularizers.L2(config["l2"])
        layers.append(keras.layers.Dense(config[f"width_{number}"], config["activation"], kernel_regularizer=penalty))
        layers.append(keras.layers.Dropout(config["dropout"]))
    network = keras.Sequential([*layers, keras.layers.Dense(10)])
    network.compile(
        optimizer=keras.optimizers.SGD(config["learning_rate"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return network


def noting():
    """A callback that notes each epoch's validation accuracy."""
    import keras

    class Noting(keras.callbacks.Callback):
        """See ``noting``."""

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            """Note it."""
            note(logs["val_accuracy"])

    return Noting()


def fit(config: dict, data: tuple, callbacks: list) -> None:
    """As Keras' documentation shows it."""
    x, y, vx, vy = data
    model(config).fit(
        x, y, batch_size=100, epochs=EPOCHS, validation_data=(vx, vy), verbose=0, callbacks=[noting(), *callbacks]
    )


mnist = work.mnist
