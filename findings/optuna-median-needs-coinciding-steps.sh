#!/usr/bin/env bash
# Library:   optuna 5.0.0 (MedianPruner; PercentilePruner shares the code).
# Guess:     a report is compared with the others' values at or before that
#            step, and only once n_startup_trials of them can be compared.
# Behaviour: only reports at exactly the same step number are compared. A step
#            that no other trial reported never prunes; a step that one other
#            trial reported is decided by this single trial, because
#            n_startup_trials counts finished trials, whatever they reported.
# Why the guess is wrong: n_min_trials, which asks for reports at the step, is
#            another argument and stands at 1.
# Seen:      five good trials report every 10 steps, a hopeless one every 7: it
#            is stopped at step 70 only, where it would have been at 10. With a
#            single earlier report at step 3 among five finished trials, a
#            trial that is a hair worse is stopped at step 3.
# For a sweep: with unequal validation intervals the pruner mostly does nothing
#            and then decides by one trial. Use common marks and n_min_trials.
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


def finished(study, reports):
    trial = study.ask()
    for step, value in reports.items():
        trial.report(value, step)
    study.tell(trial, 0.1)


def first_stop(every):
    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=5))
    for _ in range(5):
        finished(study, {step: 0.1 for step in range(10, 101, 10)})
    trial = study.ask()
    for step in range(every, 101, every):
        trial.report(99.0, step)
        if trial.should_prune():
            return step
    return None


def stopped_by_one(**arguments):
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, **arguments)
    study = optuna.create_study(pruner=pruner)
    finished(study, {3: 0.10})
    for _ in range(4):
        finished(study, {4: 5.0})
    trial = study.ask()
    trial.report(0.11, 3)
    return bool(trial.should_prune())


print(f"others report every 10; hopeless trial reports every 10: stopped at {first_stop(10)}")
print(f"the same, reports every 7: stopped at {first_stop(7)}; every 11: {first_stop(11)}")
print(f"one report at this step among five trials prunes: {stopped_by_one()}")
print(f"the same with n_min_trials=2: {stopped_by_one(n_min_trials=2)}")
assert (first_stop(10), first_stop(7), first_stop(11)) == (10, 70, None)
assert stopped_by_one() and not stopped_by_one(n_min_trials=2)
PY
