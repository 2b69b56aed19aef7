"""Optuna with Keras `fit`, each trial logged to MLflow by its Keras callback."""

import tempfile
import time
from pathlib import Path

import keras
import mlflow
import optuna
import work

args = work.arguments()
x, y, vx, vy = work.mnist()
folder = Path(tempfile.mkdtemp())
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
mlflow.set_experiment("peer")
scores: list[tuple[float, float]] = []


def objective(trial: optuna.Trial) -> float:
    """Train one model; its validation accuracy."""
    chosen = {
        "hidden": trial.suggest_categorical("hidden", work.HIDDEN),
        "activation": trial.suggest_categorical("activation", work.ACTIVATIONS),
        "learning_rate": trial.suggest_float("learning_rate", *work.LEARNING_RATE, log=True),
        "dropout": trial.suggest_categorical("dropout", work.DROPOUT),
        "l2": trial.suggest_float("l2", *work.L2, log=True),
    }
    keras.backend.clear_session()
    with mlflow.start_run():
        mlflow.log_params(chosen)
        history = work.model(**chosen).fit(
            x,
            y,
            batch_size=100,
            epochs=work.EPOCHS,
            validation_data=(vx, vy),
            callbacks=[mlflow.keras.MlflowCallback()],
        )
    best = max(history.history["val_accuracy"])
    scores.append((time.time() - work.STARTED, best))
    return best


study = optuna.create_study(
    direction="maximize", sampler=optuna.samplers.RandomSampler(seed=args.seed), storage=f"sqlite:///{folder}/study.db"
)
study.optimize(objective, n_trials=args.trials)
work.finish(args.out, "Optuna + Keras + MLflow", scores)
