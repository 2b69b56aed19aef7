#!/usr/bin/env bash
# Library:   optuna 5.0.0 (SuccessiveHalvingPruner).
# Guess:     the trials that meet in a rung are compared at the same step, or
#            at least at the rung's own step.
# Behaviour: a trial enters a rung with the first value it reports at or after
#            the rung's step, whatever step that is, and is compared with the
#            others as if they had trained equally long.
# Why the guess is wrong: the rung stores one number a trial and no step.
# Seen:      60 trials with one and the same learning curve 1/(1+step). Half
#            report every 10 steps, half every 55: 29 of 30 of the first are
#            pruned, none of the second. With equal steps nobody is.
# For a sweep: where the batch size is searched and one validates once an
#            epoch, pruning chooses the batch size by how rarely it reports.
#            Report on marks that are equal for all (examples seen).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    optuna==5.0.0
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import optuna
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)


def is_pruned(study, every):
    trial = study.ask()
    for step in range(every, 200, every):
        trial.report(1 / (1 + step), step)
        if trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return True
    study.tell(trial, 1 / (1 + step))
    return False


def pruned_counts(first, second):
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=10, reduction_factor=2)
    study = optuna.create_study(pruner=pruner)
    counts = [0, 0]
    for number in range(60):
        which = number % 2
        counts[which] += is_pruned(study, (first, second)[which])
    return counts


unequal, equal = pruned_counts(10, 55), pruned_counts(10, 10)
print(f"one curve for all; pruned of 30 that report every 10 and of 30 every 55: {unequal}")
print(f"the same, all report every 10: {equal}")
assert unequal[0] >= 25 and unequal[1] == 0
assert equal == [0, 0]
PY
