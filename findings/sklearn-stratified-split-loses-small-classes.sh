#!/usr/bin/env bash
# Library:   scikit-learn 1.9.1 (train_test_split with stratify).
# Guess:     a stratified split has every class in both parts as long as each
#            class has a few examples and the parts have room; at worst chance
#            decides, and another seed helps.
# Behaviour: each class gets its share rounded down, and what is left over goes
#            to the classes with the largest remainders. A class whose share is
#            below one never reaches the small part if others have the larger
#            remainder, whatever the seed. No error, no warning.
# Why the guess is wrong: a class with a single example is refused with an
#            error, which looks like a check for this.
# Seen:      97 + 3 examples, 10 held out: the small class is in the held-out
#            part in 0 of 300 seeds; without stratify in 87 of 300.
# For a sweep: the validation score never sees the rare class, and repeating
#            the sweep over other split seeds does not change that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
import warnings

import numpy as np
from sklearn.model_selection import train_test_split

warnings.simplefilter("error")
labels = np.array([0] * 97 + [1] * 3)


def seeds_with_small_class(stratify, seeds=300):
    held_out = (train_test_split(labels, test_size=10, stratify=stratify, random_state=seed)[1] for seed in range(seeds))
    return sum(1 in part for part in held_out)


stratified, plain = seeds_with_small_class(labels), seeds_with_small_class(None)
try:
    train_test_split(np.array([0] * 99 + [1]), test_size=10, stratify=[0] * 99 + [1])
except ValueError as error:
    refusal = str(error).split(".")[0]
print(f"seeds of 300 whose held-out part has the small class: stratified {stratified}, plain {plain}")
print(f"a class of one is refused: {refusal}")
assert stratified == 0 and plain > 50
PY
