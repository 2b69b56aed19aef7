#!/usr/bin/env bash
# Library:   optuna 5.0.0 (HyperbandPruner).
# Guess:     brackets are filled in turn, or drawn by the sampler's seed, so
#            that the same seed prunes the same trials.
# Behaviour: a trial's bracket is a checksum of the study's name and the
#            trial's number. A study without a name gets a random one, so that
#            equal seeds prune differently in every run, while a rename alone
#            changes what is pruned.
# Why the guess is wrong: the pruner takes no seed, and everything else about
#            an in-memory study with a seeded sampler does repeat.
# Seen:      same sampler seed, same curves: studies "a" and "b" prune
#            different trials; "a" repeats itself; six unnamed studies gave six
#            different patterns.
# For a sweep: an experiment meant to repeat needs a fixed study name, and two
#            arms that are compared need the same one (in two storages).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    for step in range(1, 28):
        trial.report(x + 1 / step, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return x


def pattern(name):
    study = optuna.create_study(
        study_name=name,
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=27, reduction_factor=3),
    )
    study.optimize(objective, n_trials=40)
    return "".join(".p"[trial.state.name == "PRUNED"] for trial in study.trials)


a, again, b = pattern("a"), pattern("a"), pattern("b")
unnamed = {pattern(None) for _ in range(6)}
print(f"name a: {a}\nname a: {again}\nname b: {b}\nsix unnamed studies: {len(unnamed)} patterns")
assert a == again and a != b and len(unnamed) >= 3
PY
