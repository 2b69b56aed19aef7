"""KerasTuner: RandomSearch."""

import tempfile
import time

import keras
import keras_tuner
import work

args = work.arguments()
x, y, vx, vy = work.mnist()


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model for a set of hyperparameters."""
    return work.model(
        hp.Choice("hidden", list(work.HIDDEN)),
        hp.Choice("activation", list(work.ACTIVATIONS)),
        hp.Float("learning_rate", *work.LEARNING_RATE, sampling="log"),
        hp.Choice("dropout", list(work.DROPOUT)),
        hp.Float("l2", *work.L2, sampling="log"),
    )


scores: list[tuple[float, float]] = []


class Tuner(keras_tuner.RandomSearch):
    """RandomSearch that notes when each trial ended."""

    def on_trial_end(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """Note the time and the score."""
        super().on_trial_end(trial)
        scores.append((time.time() - work.STARTED, trial.score))


tuner = Tuner(
    build,
    objective="val_accuracy",
    max_trials=args.trials,
    seed=args.seed,
    directory=tempfile.mkdtemp(),
    overwrite=True,
)
tuner.search(x, y, batch_size=100, epochs=work.EPOCHS, validation_data=(vx, vy), verbose=1)
work.finish(args.out, "KerasTuner", scores)
