#!/usr/bin/env bash
# Library:   mlflow-skinny 3.17.2, the tracking half of mlflow
#            (SQLite store; log_metric, log_batch).
# Guess:     of two values of a metric logged for the same step, the run shows
#            the one that was logged last.
# Behaviour: the run shows the value with the greatest (step, timestamp,
#            value). At equal step and timestamp, which is what a batch has,
#            the larger value wins, whichever came first; and the history comes
#            back sorted by value, not by arrival.
# Why the guess is wrong: "latest" is decided by comparing rows, and the order
#            of arrival is no column of them.
# Seen:      loss 0.5 and then the corrected 0.4, same step and timestamp: the
#            run shows 0.5; in one batch likewise. Accuracy 0.4 then 0.5: 0.5.
# For a sweep: a corrected loss never replaces the wrong one, and the table
#            shows the worse of two; an accuracy the better. Give each entry a
#            step of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1
cd "$work"
export MLFLOW_DISABLE_TELEMETRY=true
"$work/venv/bin/python" -W ignore - <<'PY'
import logging

from mlflow import MlflowClient
from mlflow.entities import Metric

logging.disable(logging.WARNING)
client = MlflowClient("sqlite:///mlflow.db")
experiment = client.create_experiment("sweep")


def shown(values, batch):
    run = client.create_run(experiment).info.run_id
    if batch:
        client.log_batch(run, metrics=[Metric("m", value, 1000, 7) for value in values])
    else:
        for value in values:
            client.log_metric(run, "m", value, timestamp=1000, step=7)
    history = [metric.value for metric in client.get_metric_history(run, "m")]
    return client.get_run(run).data.metrics["m"], history


for values in ([0.5, 0.4], [0.4, 0.5]):
    for batch in (False, True):
        latest, history = shown(values, batch)
        print(f"logged {values} {'in a batch' if batch else 'one by one'}: shown {latest}, history {history}")
        assert latest == 0.5 and sorted(history) == [0.4, 0.5]
assert shown([0.5, 0.4, 0.5], False)[1].count(0.5) == 1
print("a value logged twice at one step and time is kept once")
PY
