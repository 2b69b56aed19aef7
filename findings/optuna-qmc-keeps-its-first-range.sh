#!/usr/bin/env bash
# Library:   optuna 5.0.0 (QMCSampler), scipy 1.17.1.
# Guess:     when a study goes on with a wider range, the sampler fills the
#            wider range, as the other samplers do.
# Behaviour: it goes on filling the range of the study's first trial for good.
# Why the guess is wrong: Optuna accepts the change of a float range and warns
#            of nothing; the sequence alone stays with its first space.
# Seen:      four trials in 0..1, then 32 in 0..10: the largest value is below
#            1. The random sampler in the same place exceeds 1 in most.
# For a sweep: widening a range and going on explores nothing of the new part,
#            while the table of results shows the new range.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def values_after_widening(sampler):
    study = optuna.create_study(sampler=sampler)
    for high, trials in ((1, 4), (10, 32)):
        study.optimize(lambda trial: trial.suggest_float("x", 0, high), n_trials=trials)
    ranges = {trial.distributions["x"].high for trial in study.trials[4:]}
    return [trial.params["x"] for trial in study.trials[4:]], ranges


qmc, stored = values_after_widening(optuna.samplers.QMCSampler(seed=1, scramble=True))
plain, _ = values_after_widening(optuna.samplers.RandomSampler(seed=1))
print(f"range stored with the later trials: 0..{stored.pop():g}")
print(f"QMC:    {sum(x > 1 for x in qmc)} of 32 later values above 1, largest {max(qmc):.3f}")
print(f"random: {sum(x > 1 for x in plain)} of 32 later values above 1, largest {max(plain):.3f}")
assert max(qmc) <= 1 and sum(x > 1 for x in plain) > 16
PY
