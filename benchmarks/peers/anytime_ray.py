"""Ray Tune with TPE (OptunaSearch) and ASHA, two trials at a time, one core each."""

import os

import anytime_work as work
import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch


def objective(config: dict, data: tuple) -> None:
    """Train one model and report its validation accuracy each epoch."""
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    class Report(keras.callbacks.Callback):
        """Tell Ray each epoch's validation accuracy."""

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            """Report."""
            tune.report({"accuracy": logs["val_accuracy"]})

    work.fit(config, data, [Report()])


space = {
    "activation": tune.choice(list(work.ACTIVATIONS)),
    "depth": tune.randint(work.DEPTH[0], work.DEPTH[1] + 1),
    "learning_rate": tune.loguniform(*work.LEARNING_RATE),
    "dropout": tune.uniform(*work.DROPOUT),
    "l2": tune.loguniform(*work.L2),
    # OptunaSearch takes no space that hangs on another value: widths of layers that are not there are drawn, too.
    **{f"width_{number}": tune.lograndint(work.WIDTH[0], work.WIDTH[1] + 1) for number in range(work.DEPTH[1])},
}
variables = {"PYTHONPATH": os.path.dirname(__file__), "ANYTIME_NOTES": os.environ["ANYTIME_NOTES"]}
ray.init(address="local", num_cpus=2, include_dashboard=False, runtime_env={"env_vars": variables})
tune.Tuner(
    tune.with_resources(tune.with_parameters(objective, data=work.mnist()), {"cpu": 1}),
    param_space=space,
    tune_config=tune.TuneConfig(
        num_samples=-1,
        search_alg=OptunaSearch(metric="accuracy", mode="max", seed=work.seed()),
        scheduler=ASHAScheduler(metric="accuracy", mode="max", max_t=work.EPOCHS, grace_period=1),
    ),
).fit()
