#!/usr/bin/env bash
# Library:   mlflow-skinny 3.17.2, the tracking half of mlflow
#            (search_runs, SQLite store).
# Guess:     `tags.state != 'rejected'` gives every run except the rejected
#            ones, and parameters that are numbers sort as numbers.
# Behaviour: a run without the tag is left out as well; the same holds for
#            parameters and metrics. Parameters are text: 9 sorts after 100.
#            A metric that is NaN passes `!= 0.5` and no other comparison.
# Why the guess is wrong: the filter joins the tags table, and a run that has
#            no row there is in no result. In Python or pandas it would be.
# Seen:      four runs, one rejected, one kept, two without the tag: the
#            filter gives one run, not three. Batch sizes 9, 10, 100 sort as
#            10, 100, 9. NaN: in `!= 0.5`, in neither `< 1` nor `>= 1`.
# For a sweep: "all but the rejected" silently loses every run logged before
#            the tag existed. Ask for what is rejected and subtract.
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
batch_sizes = {"rejected": 9, "kept": 10, None: 100}
for state, batch_size in [*batch_sizes.items(), (None, None)]:
    run = client.create_run(experiment).info.run_id
    if state:
        client.set_tag(run, "state", state)
    if batch_size:
        client.log_param(run, "batch_size", batch_size)
    client.log_metric(run, "loss", float("nan") if state == "kept" else 0.5)


def found(query="", order=()):
    return client.search_runs([experiment], query, order_by=list(order))


everything = len(found())
not_rejected = len(found("tags.state != 'rejected'"))
order = [run.data.params.get("batch_size") for run in found(order=["params.batch_size ASC"])]
nan = {query: len(found(f"metrics.loss {query}")) for query in ("!= 0.5", "< 1", ">= 1")}
print(f"runs {everything}, not rejected {not_rejected}")
print(f"sorted by batch size: {order}")
print(f"three losses 0.5, one NaN: {nan}")
assert (everything, not_rejected) == (4, 1)
assert order[:3] == ["10", "100", "9"]
assert nan == {"!= 0.5": 1, "< 1": 3, ">= 1": 0}
PY
