#!/usr/bin/env bash
# Library:   ray 2.60.0 (Ray Tune: RunConfig(stop=...), get_best_result).
# Guess:     with metric="loss", mode="min", stop={"loss": 0.3} ends a trial
#            once its loss is down to 0.3; and the best result is one of the
#            trials that succeeded.
# Behaviour: stop means "as soon as the value is at least this", whatever the
#            mode: a loss that starts above 0.3 is stopped by its first report.
#            A trial that raised after a report keeps that report and may be
#            the best result.
# Why the guess is wrong: for training_iteration and accuracy "at least" is what
#            one wants, and the mode stands right beside it.
# Seen:      loss 1.0, 0.8, ... 0.2 with stop={"loss": 0.3}: one report, loss
#            1.0. Three trials, the one with the lowest loss raises at its end:
#            it is the best result, with an error attached.
# For a sweep: every trial ends untrained, as "terminated" and not as an error;
#            and a crashed configuration is handed on as the winner.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq \
    "ray[tune]==2.60.0"
cd "$work"
export RAY_USAGE_STATS_ENABLED=0 RAY_AIR_NEW_OUTPUT=0
"$work/venv/bin/python" -W ignore - 2>log <<'PY' || { tail -n 5 log >&2; exit 1; }
import os

import ray
from ray import tune

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")


def falling(config):
    for loss in (1.0, 0.8, 0.6, 0.4, 0.2):
        tune.report({"loss": loss})


def failing(config):
    tune.report({"loss": config["x"]})
    if config["x"] == 0:
        raise RuntimeError("after its report")


def run(train, name, values, stop=None):
    tuner = tune.Tuner(
        train,
        param_space={"x": tune.grid_search(values)},
        tune_config=tune.TuneConfig(metric="loss", mode="min"),
        run_config=tune.RunConfig(name=name, storage_path=os.getcwd(), stop=stop, verbose=0),
    )
    return tuner.fit()


def report(results):
    return [(result.metrics["training_iteration"], result.metrics["loss"]) for result in results]


stopped, whole = report(run(falling, "stopped", [1], {"loss": 0.3})), report(run(falling, "whole", [1]))
best = run(failing, "failing", [0, 1, 2]).get_best_result()
print(f"(reports, last loss): stop at 0.3 {stopped}, without {whole}")
print(f"best result: {best.config}, error: {type(best.error).__name__}")
assert stopped == [(1, 1.0)] and whole == [(5, 0.2)]
assert best.config == {"x": 0} and best.error is not None
PY
