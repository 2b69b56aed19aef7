#!/usr/bin/env bash
# Library:   optuna 5.0.0 (get_param_importances, whose default evaluator is
#            PED-ANOVA), scikit-learn 1.9.1 for the comparison with fANOVA.
# Guess:     importances are shares of the variance of the objective; the
#            parameter that explains nearly all of it comes first.
# Behaviour: PED-ANOVA asks how far the values of the best tenth of the trials
#            are distributed unlike the values of all. What separates good from
#            bad without telling the best tenth apart counts little.
# Why the guess is wrong: both evaluators print numbers that add up to 1, and
#            earlier releases used fANOVA as the default, which is about
#            variance.
# Seen:      value = 1000 if a < 0.5 else 0, plus b. `a` explains 99.9999 % of
#            the variance; PED-ANOVA gives a 0.14, b 0.86; fANOVA a 1.00.
# For a sweep: a report that calls these numbers "share of variance" sends its
#            reader to tune the parameter that hardly matters.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0 numpy==2.4.6 scikit-learn==1.9.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.default_rng(0)
points = rng.random((400, 2))
values = np.where(points[:, 0] < 0.5, 1000.0, 0.0) + points[:, 1]
space = {"a": FloatDistribution(0, 1), "b": FloatDistribution(0, 1)}
study = optuna.create_study()
for (a, b), value in zip(points.tolist(), values.tolist()):
    study.add_trial(create_trial(params={"a": a, "b": b}, distributions=space, value=value))

low = points[:, 0] < 0.5
by_a = np.where(low, values[low].mean(), values[~low].mean())
share = by_a.var() / values.var()
default = get_param_importances(study)
fanova = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
print(f"share of variance explained by a: {share:.6f}")
print("default evaluator:", {k: round(float(v), 3) for k, v in default.items()})
print("fANOVA:           ", {k: round(float(v), 3) for k, v in fanova.items()})

assert share > 0.9999
assert list(default) == ["b", "a"] and default["a"] < 0.3
assert list(fanova) == ["a", "b"] and fanova["a"] > 0.99
PY
