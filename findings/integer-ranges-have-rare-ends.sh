#!/usr/bin/env bash
# Library:   nevergrad 1.0.12 (Scalar with integer casting) and
#            scikit-optimize 0.10.2 (Integer with a log-uniform prior), beside
#            ConfigSpace 1.2.2 (Integer, with and without log).
# Guess:     random search over the whole numbers 1 to 5 draws each of them
#            equally often, the first and the last, too; on a logarithmic scale
#            each is drawn about as often as its neighbours.
# Behaviour: both draw a real number between the bounds and round it. Half a
#            unit is missing at each end: the ends come half as often, and on a
#            logarithmic scale the greatest number even less, compared with the
#            one below it. ConfigSpace gives the ends their whole unit.
# Why the guess is wrong: the bounds are those of the real number, not of the
#            integers; a plain `Integer(1, 5)` of scikit-optimize is equal.
# Seen:      of 8,000 draws from 1 to 5 nevergrad gives 1 and 5 about 1,000
#            times each and the others 2,000; of 1 to 8 on a logarithmic scale
#            scikit-optimize gives 8 in 3 % and 7 in 7 %, ConfigSpace 6 % and 6 %.
# For a sweep: the edges of a space are searched too little, so that "the best
#            lies inside" means less than it seems.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    nevergrad==1.0.12 scikit-optimize==0.10.2 ConfigSpace==1.2.2 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from collections import Counter

import nevergrad as ng
import numpy as np
from ConfigSpace import Integer as ConfigInteger
from skopt import Space
from skopt.space import Integer

DRAWS = 8_000


def shares(values):
    counts = Counter(int(value) for value in values)
    return {value: round(counts[value] / DRAWS, 3) for value in sorted(counts)}


def nevergrad(low, high):
    parameter = ng.p.Scalar(lower=low, upper=high).set_integer_casting()
    parameter.random_state.seed(0)
    search = ng.optimizers.RandomSearch(parameter, budget=DRAWS)
    return shares(search.ask().value for _ in range(DRAWS))


def skopt(**prior):
    return shares(row[0] for row in Space([Integer(1, 8, **prior)]).rvs(DRAWS, random_state=0))


def config_space(**prior):
    return shares(ConfigInteger("n", (1, 8), **prior).sample_value(DRAWS, seed=np.random.RandomState(0)))


found, plain, logarithmic, other = nevergrad(1, 5), skopt(), skopt(prior="log-uniform"), config_space(log=True)
print(f"nevergrad, 1 to 5:                   {found}")
print(f"scikit-optimize, 1 to 8:             {plain}")
print(f"scikit-optimize, 1 to 8 logarithmic: {logarithmic}")
print(f"ConfigSpace, 1 to 8 logarithmic:     {other}")
assert all(abs(found[end] - 0.125) < 0.02 and abs(found[3] - 0.25) < 0.02 for end in (1, 5))
assert all(abs(share - 0.125) < 0.02 for share in plain.values())
assert logarithmic[8] < 0.6 * logarithmic[7] and logarithmic[1] < logarithmic[2]
assert other[8] > 0.8 * other[7] and other[1] > other[2]
PY
