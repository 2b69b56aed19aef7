#!/usr/bin/env bash
# Library:   flaml 2.7.0 (flaml.tune.run).
# Guess:     asked for more samples than a small space has points, it tries
#            every point once and ends.
# Behaviour: in a space of `choice` parameters it ends after a few points and
#            leaves the rest of the space untried, without a warning: so many
#            proposals in a row that bring nothing new end the run, and not
#            the space. A `randint` space is exhausted.
# Why the guess is wrong: the number of results is not checked against what was
#            asked for, and the best of what was tried looks like an answer.
# Seen:      12 combinations, num_samples=100: 2 tried, both with y=1. Three
#            choices, 50 samples: 2 tried. randint(1,7): all 6 tried.
# For a sweep: the best of a small categorical space may never have been run.
#            Count the distinct points, or use a grid for small spaces.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    flaml==2.7.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import logging

from flaml import tune

logging.disable(logging.WARNING)


def tried(space, samples):
    seen = []

    def loss(config):
        seen.append(tuple(str(value) for value in config.values()))
        return {"loss": float(len(str(config["x"])) + 3 * config.get("y", 0))}

    tune.run(loss, config=space, metric="loss", mode="min", num_samples=samples, verbose=0)
    return sorted(set(seen))


pairs = tried({"x": tune.choice(["a", "b", "c", "d"]), "y": tune.choice([1, 2, 3])}, 100)
three = tried({"x": tune.choice([1, 2, 3])}, 50)
numbers = tried({"x": tune.randint(1, 7)}, 100)
print(f"12 combinations, 100 samples asked: {len(pairs)} tried: {pairs}")
print(f"3 choices, 50 samples asked: {len(three)} tried: {three}")
print(f"6 whole numbers, 100 samples asked: {len(numbers)} tried")
assert len(pairs) <= 6 and len(three) < 3 and len(numbers) == 6
PY
