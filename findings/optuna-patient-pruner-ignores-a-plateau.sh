#!/usr/bin/env bash
# Library:   optuna 5.0.0 (PatientPruner without an inner pruner).
# Guess:     it is early stopping: no improvement for `patience` reports ends
#            the trial; min_delta is the least that counts as one.
# Behaviour: it stops a trial only when its recent values are strictly worse
#            than its best before by more than min_delta. A flat curve runs to
#            its end, and min_delta makes it more patient, not less. A curve
#            of NaN is never stopped.
# Why the guess is wrong: Keras' EarlyStopping uses the same two words
#            (patience, min_delta) the other way round.
# Seen:      patience=2: a constant curve of 50 reports is not stopped; a curve
#            that gets worse is, at its fourth report after the best; the same
#            curve with min_delta=1 is not; NaN after the first is not.
# For a sweep: offered as "early stopping" it saves nothing on the commonest
#            waste, a model that has stopped learning.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import math

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def stopped_at(curve, min_delta=0.0):
    pruner = optuna.pruners.PatientPruner(None, patience=2, min_delta=min_delta)
    trial = optuna.create_study(pruner=pruner).ask()
    for step, value in enumerate(curve):
        trial.report(value, step)
        if trial.should_prune():
            return step
    return None


worse = [1.0, 0.5] + [0.6] * 20
seen = {
    "constant": stopped_at([1.0] * 50),
    "gets worse": stopped_at(worse),
    "gets worse, min_delta=1": stopped_at(worse, min_delta=1.0),
    "NaN after the first": stopped_at([1.0] + [math.nan] * 20),
}
for name, step in seen.items():
    print(f"{name}: " + ("never stopped" if step is None else f"stopped at step {step}"))
assert seen == {
    "constant": None,
    "gets worse": 4,
    "gets worse, min_delta=1": None,
    "NaN after the first": None,
}
PY
