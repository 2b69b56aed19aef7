#!/usr/bin/env bash
# Library:   tensorflow-cpu 2.21.0 (tf.function with jit_compile=True).
# Guess:     compiling a function changes its speed, not whether a NaN comes
#            through.
# Behaviour: on the CPU, compiled reduce_max and reduce_min drop NaN as if it
#            were not there, where the plain ones return NaN. Compiled argmax of
#            a row of NaN gives another place than the plain one.
# Why the guess is wrong: softmax, relu, maximum and clipping keep NaN in both.
# Seen:      [NaN,1,2] [1,NaN,0] [0,3,NaN]: reduce_max plain NaN NaN NaN,
#            compiled 2 1 3; a row of NaN alone: argmax plain 0, compiled 2.
# For a sweep: a guard of the kind "is the largest weight finite" never fires in
#            a compiled training loop, and a network full of NaN predicts the
#            last class there and the first elsewhere: two accuracies for one
#            broken model. Test with is_finite, not through a maximum.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    tensorflow-cpu==2.21.0 numpy==2.4.6
cd "$work"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 KERAS_HOME="$work"
"$work/venv/bin/python" -W ignore - 2>log <<'PY' || { tail -n 5 log >&2; exit 1; }
import math

import tensorflow as tf

nan = math.nan
MIXED = tf.constant([[nan, 1.0, 2.0], [1.0, nan, 0.0], [0.0, 3.0, nan]])
BROKEN = tf.constant([[nan, nan, nan]])


def facts(mixed, broken):
    return {
        "reduce_max": tf.reduce_max(mixed, -1),
        "reduce_min": tf.reduce_min(mixed, -1),
        "argmax of NaN alone": tf.argmax(broken, -1),
        "relu": tf.reduce_sum(tf.nn.relu(mixed), -1),
        "all finite": tf.reduce_all(tf.math.is_finite(mixed)),
    }


plain = {name: value.numpy().tolist() for name, value in facts(MIXED, BROKEN).items()}
compiled = tf.function(facts, jit_compile=True)(MIXED, BROKEN)
compiled = {name: value.numpy().tolist() for name, value in compiled.items()}
for name in plain:
    print(f"{name}: plain {plain[name]}, compiled {compiled[name]}")

assert all(map(math.isnan, plain["reduce_max"] + plain["reduce_min"]))
assert compiled["reduce_max"] == [2.0, 1.0, 3.0] and compiled["reduce_min"] == [1.0, 0.0, 0.0]
assert plain["argmax of NaN alone"] == [0] and compiled["argmax of NaN alone"] == [2]
assert all(map(math.isnan, compiled["relu"])) and not compiled["all finite"]
PY
