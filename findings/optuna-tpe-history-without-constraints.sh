#!/usr/bin/env bash
# Library:   optuna 5.0.0 (TPESampler, constraints given with the trial).
# Guess:     a finished trial that carries no constraint values is left out of
#            the feasible set, or counts as unknown, once other trials have them.
# Behaviour: it counts as feasible. TPE takes it as a good example and samples
#            next to it; `study.best_trial` returns it before any trial that
#            was checked.
# Why the guess is wrong: feasibility is "no constraint value above zero", and
#            an empty set of values has none above zero.
# Seen:      20 past trials with value -x, allowed only where x <= 0.5. Given
#            with their violations: 1 of 30 seeds proposes a forbidden x. Given
#            without them: 30 of 30.
# For a sweep: a warm start from an older study, which knew no constraint,
#            leads the new one straight into the forbidden region. The
#            violations of old trials have to be computed and stored with them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACE = {"x": FloatDistribution(0, 1)}


def past_trial(x, value, violation):
    constraints = None if violation is None else {"limit": violation}
    return create_trial(params={"x": x}, distributions=SPACE, value=value, constraints=constraints)


def forbidden_proposals(with_violations):
    count = 0
    for seed in range(30):
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        for i in range(20):
            x = (i + 0.5) / 20
            study.add_trial(past_trial(x, -x, x - 0.5 if with_violations else None))
        count += study.ask().suggest_float("x", 0, 1) > 0.5
    return count


told, untold = forbidden_proposals(True), forbidden_proposals(False)
print(f"forbidden proposals of 30: violations stored {told}, not stored {untold}")

study = optuna.create_study()
study.add_trial(past_trial(0.3, -1.0, -0.2))
study.add_trial(past_trial(0.9, -5.0, None))
print(f"best trial: number {study.best_trial.number}, constraints {study.best_trial.constraints}")

assert told <= 6 and untold >= 24
assert study.best_trial.number == 1 and study.best_trial.constraints == {}
PY
