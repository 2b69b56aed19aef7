"""Ray Tune with OptunaSearch, two trials at a time, one core each."""

import os
import time

import optuna
import ray
import work
from ray import tune
from ray.tune.search.optuna import OptunaSearch

args = work.arguments()


def objective(config: dict, data: tuple) -> None:
    """Train one model and report its validation accuracy each epoch."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    x, y, vx, vy = data

    class Report(keras.callbacks.Callback):
        """Tell Ray each epoch's validation accuracy."""

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            """Report."""
            tune.report({"accuracy": logs["val_accuracy"], "at": time.time()})

    work.model(**config).fit(
        x, y, batch_size=100, epochs=work.EPOCHS, validation_data=(vx, vy), verbose=0, callbacks=[Report()]
    )


space = {
    "hidden": tune.choice(list(work.HIDDEN)),
    "activation": tune.choice(list(work.ACTIVATIONS)),
    "learning_rate": tune.loguniform(*work.LEARNING_RATE),
    "dropout": tune.choice(list(work.DROPOUT)),
    "l2": tune.loguniform(*work.L2),
}
ray.init(
    address="local",
    num_cpus=2,
    include_dashboard=False,
    runtime_env={"env_vars": {"PYTHONPATH": os.path.dirname(__file__)}},
)
results = tune.Tuner(
    tune.with_resources(tune.with_parameters(objective, data=work.mnist()), {"cpu": 1}),
    param_space=space,
    tune_config=tune.TuneConfig(
        metric="accuracy",
        mode="max",
        num_samples=args.trials,
        search_alg=OptunaSearch(sampler=optuna.samplers.RandomSampler(seed=args.seed), metric="accuracy", mode="max"),
    ),
).fit()
scores = [(r.metrics["at"] - work.STARTED, max(r.metrics_dataframe["accuracy"])) for r in results]
work.finish(args.out, "Ray Tune + OptunaSearch", sorted(scores))
