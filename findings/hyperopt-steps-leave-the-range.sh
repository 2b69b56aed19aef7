#!/usr/bin/env bash
# Library:   hyperopt 0.3.0 (hp.quniform, hp.qloguniform, hp.uniformint).
# Guess:     `hp.quniform("x", low, high, q)` gives values between low and high,
#            as every range of the library without q does, and
#            `hp.uniformint("x", low, high, q)` steps by q, as it takes a q.
# Behaviour: the drawn value is rounded to a multiple of q, counted from 0 and
#            not from low: it can be below low and above high, and low and high
#            themselves may never come. `uniformint` accepts any q and steps by 1.
# Why the guess is wrong: rounding is done after the draw, and nothing clips;
#            the q of `uniformint` is taken and not used.
# Seen:      quniform(1, 10, 3) gives 0, 3, 6, 9; quniform(20, 44, 16) gives 16,
#            32, 48; uniformint(1, 10, q=3) gives all of 1 to 10.
# For a sweep: a layer of 0 units or a batch above the memory that was allowed
#            for, from a range that excludes both; a space copied between tools
#            is another space.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    hyperopt==0.3.0 numpy==2.4.6 setuptools
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
from hyperopt import hp
from hyperopt.pyll.stochastic import sample

chance = np.random.default_rng(0)


def values(domain):
    return sorted({float(sample(domain, rng=chance)) for _ in range(400)})


narrow = values(hp.quniform("x", 1, 10, 3))
wide = values(hp.quniform("x", 20, 44, 16))
whole = values(hp.uniformint("x", 1, 10, q=3))
print(f"quniform(1, 10, 3): {narrow}")
print(f"quniform(20, 44, 16): {wide}")
print(f"uniformint(1, 10, q=3): {whole}")
assert narrow == [0.0, 3.0, 6.0, 9.0]
assert wide == [16.0, 32.0, 48.0]
assert whole == [float(n) for n in range(1, 11)]
PY
