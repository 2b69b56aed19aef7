#!/usr/bin/env bash
# Library:   mlflow-skinny 3.17.2, the tracking half of mlflow
#            (SQLite store).
# Guess:     restoring a deleted experiment gives back what was there when it
#            was deleted; a run deleted by itself before stays deleted.
# Behaviour: every run of the experiment comes back as active.
# Why the guess is wrong: deleting an experiment marks its runs with the same
#            mark that deleting a run does, and nothing remembers which was
#            which.
# Seen:      two runs, one deleted, then the experiment deleted and restored:
#            both are active, and the best run is the one thrown away.
# For a sweep: broken runs that somebody weeded out are back in the table and
#            may be the "best". Mark what is set aside by a tag as well.
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

logging.disable(logging.WARNING)
client = MlflowClient("sqlite:///mlflow.db")
experiment = client.create_experiment("sweep")
runs = {}
for name, loss in (("good", 0.5), ("broken", 0.0)):
    runs[name] = client.create_run(experiment).info.run_id
    client.log_metric(runs[name], "loss", loss)


def stages():
    return {name: client.get_run(run).info.lifecycle_stage for name, run in runs.items()}


def best():
    return client.search_runs([experiment], order_by=["metrics.loss ASC"])[0].info.run_id


client.delete_run(runs["broken"])
before = stages()
assert best() == runs["good"]
client.delete_experiment(experiment)
client.restore_experiment(experiment)
after = stages()
print(f"one run deleted:                  {before}")
print(f"experiment deleted and restored:  {after}")
print(f"best run is the broken one:       {best() == runs['broken']}")
assert before == {"good": "active", "broken": "deleted"}
assert after == {"good": "active", "broken": "active"}
assert best() == runs["broken"]
PY
