"""Optuna's TPE and its default pruner, told by a Keras callback after each epoch, as `optuna-integration` does."""

import anytime_work as work
import keras
import optuna

data = work.mnist()


class Pruning(keras.callbacks.Callback):
    """Reports each epoch, and stops a trial that shall be pruned."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self.trial = trial

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Report, and ask."""
        self.trial.report(logs["val_accuracy"], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned


def objective(trial: optuna.Trial) -> float:
    """Train one model; its validation accuracy."""
    config = {
        "activation": trial.suggest_categorical("activation", work.ACTIVATIONS),
        "depth": trial.suggest_int("depth", *work.DEPTH),
        "learning_rate": trial.suggest_float("learning_rate", *work.LEARNING_RATE, log=True),
        "dropout": trial.suggest_float("dropout", *work.DROPOUT),
        "l2": trial.suggest_float("l2", *work.L2, log=True),
    }
    widths = range(config["depth"])
    config |= {f"width_{number}": trial.suggest_int(f"width_{number}", *work.WIDTH, log=True) for number in widths}
    keras.backend.clear_session()
    scores = keras.callbacks.History()
    work.fit(config, data, [scores, Pruning(trial)])
    return max(scores.history["val_accuracy"])


study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=work.seed()))
study.optimize(objective)
