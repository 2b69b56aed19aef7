"""KerasTuner's Hyperband."""

import tempfile

import anytime_work as work
import keras
import keras_tuner


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model for a set of hyperparameters."""
    config = {
        "activation": hp.Choice("activation", list(work.ACTIVATIONS)),
        "depth": hp.Int("depth", *work.DEPTH),
        "learning_rate": hp.Float("learning_rate", *work.LEARNING_RATE, sampling="log"),
        "dropout": hp.Float("dropout", *work.DROPOUT),
        "l2": hp.Float("l2", *work.L2, sampling="log"),
    }
    widths = range(config["depth"])
    return work.model(
        config | {f"width_{number}": hp.Int(f"width_{number}", *work.WIDTH, sampling="log") for number in widths}
    )


x, y, vx, vy = work.mnist()
tuner = keras_tuner.Hyperband(
    build,
    objective="val_accuracy",
    max_epochs=work.EPOCHS,
    seed=work.seed(),
    hyperband_iterations=100,
    directory=tempfile.mkdtemp(),
    overwrite=True,
)
tuner.search(x, y, batch_size=100, validation_data=(vx, vy), verbose=0, callbacks=[work.noting()])
