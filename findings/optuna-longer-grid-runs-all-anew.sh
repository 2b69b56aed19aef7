#!/usr/bin/env bash
# Library:   optuna 5.0.0 (GridSampler).
# Guess:     a grid that gets more values goes on with the new points; the ones
#            that are in the study already are done.
# Behaviour: points are marked by their place in one particular grid. With any
#            other grid nothing counts as visited: the old points are trained
#            again. A point that was enqueued by hand is not counted either.
# Why the guess is wrong: with the grid unchanged the sampler does skip what is
#            there, so that it looks as if it compared parameters.
# Seen:      grid {1,2,3}, run to its end; going on with it adds one trial a
#            call, going on with {1,2,3,4,5} adds five, three of them repeats.
#            Grid {1,2,3} with 2 enqueued: four trials, 2 twice.
# For a sweep: adding one value to a costly grid pays for all of it again,
#            unless the tool compares the parameters itself.
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


def run(study, grid):
    done = len([trial for trial in study.trials if trial.state.is_finished()])
    study.sampler = optuna.samplers.GridSampler({"x": grid}, seed=0)
    study.optimize(lambda trial: trial.suggest_int("x", 1, 5), n_trials=20)
    return [trial.params["x"] for trial in study.trials[done:]]


study = optuna.create_study()
first, longer = run(study, [1, 2, 3]), run(study, [1, 2, 3, 4, 5])
by_hand = optuna.create_study()
by_hand.enqueue_trial({"x": 2})
enqueued = run(by_hand, [1, 2, 3])
unchanged = optuna.create_study()
run(unchanged, [1, 2, 3])
same = run(unchanged, [1, 2, 3])
print(f"grid 1..3: {first}; then grid 1..5: {longer}")
print(f"2 enqueued, then grid 1..3: {enqueued}; the unchanged grid once more: {same}")
assert sorted(first) == [1, 2, 3] and sorted(longer) == [1, 2, 3, 4, 5]
assert sorted(enqueued) == [1, 2, 2, 3] and len(same) == 1
PY
