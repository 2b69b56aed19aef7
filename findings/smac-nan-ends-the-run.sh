#!/usr/bin/env bash
# Library:   smac 2.4.1 (HyperparameterOptimizationFacade), ConfigSpace.
# Guess:     a trial that returns NaN is a crashed trial; the search notes it
#            and goes on.
# Behaviour: it is noted as CRASHED with an infinite cost, and the next model
#            that is fitted fails on that cost: optimize() raises and returns
#            no incumbent. With a finite crash_cost the same search goes on to
#            its end.
# Why the guess is wrong: crash_cost exists and has a default, which is the one
#            value the default model cannot take.
# Seen:      20 trials asked, NaN above 0.5: ends by ValueError after fewer
#            trials. crash_cost=10: all 20, with an incumbent below 0.5.
# For a sweep: one diverged training ends a night's search. Give a finite cost
#            a little worse than the worst there can be.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    smac==2.4.1
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import math

from ConfigSpace import ConfigurationSpace, Float
from smac import HyperparameterOptimizationFacade, Scenario


def search(name, **options):
    space = ConfigurationSpace(seed=0)
    space.add(Float("x", (0.0, 1.0)))
    calls = []

    def train(config, seed=0):
        calls.append(config["x"])
        return math.nan if config["x"] > 0.5 else config["x"]

    scenario = Scenario(space, name=name, n_trials=20, output_directory="out", seed=0, **options)
    facade = HyperparameterOptimizationFacade(scenario, train, overwrite=True, logging_level=50)
    try:
        incumbent, error = facade.optimize(), None
    except ValueError as raised:
        incumbent, error = None, str(raised).splitlines()[0]
    states = sorted({value.status.name for value in facade.runhistory.values()})
    return len(calls), states, error, incumbent


calls, states, error, incumbent = search("default")
print(f"default: {calls} of 20 trials, states {states}, ended by: {error}")
finite_calls, _, finite_error, finite = search("finite", crash_cost=10.0)
print(f"crash_cost=10: {finite_calls} of 20 trials, incumbent x={finite['x']:.3f}")
assert calls < 20 and "CRASHED" in states and error and "NaN" in error and incumbent is None
assert finite_calls == 20 and finite_error is None and finite["x"] <= 0.5
PY
