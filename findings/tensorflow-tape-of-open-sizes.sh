#!/usr/bin/env bash
# Library:   tensorflow-cpu 2.21.0 (tf.function, tf.GradientTape).
# Guess:     leaving batch and widths open, so that one trace serves all, changes
#            the shapes of a graph and not what it computes.
# Behaviour: where sizes are known, the tape leaves out what a gradient does not
#            need. Where they are open, each addition of a bias, each product of
#            batches and each mean finds out at run time what was broadcast, and
#            sums over nothing or copies: more than twice the operations, for the
#            same gradients.
# Why the guess is wrong: the forward pass is the same in both, and the optimizer
#            of graphs is thought to remove what does nothing; it cannot know.
# Seen:      two layers, operations that are no constants: 25 where sizes are known,
#            69 where they are open, 21 open with the way back written out.
# For a sweep: a graph that serves all widths saves a trace for each, and gives
#            back part of it at each step, unless its gradients are written out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    tensorflow-cpu==2.21.0 numpy==2.4.6
cd "$work"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 KERAS_HOME="$work"
"$work/venv/bin/python" -W ignore - 2>log <<'PY' || { tail -n 5 log >&2; exit 1; }
import numpy as np
import tensorflow as tf


def by_tape(x, truth, first, bias, second, end):
    weights = [first, bias, second, end]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        hidden = tf.nn.relu(tf.matmul(x, first) + bias)
        loss = tf.reduce_mean(tf.square(tf.matmul(hidden, second) + end - truth), axis=(1, 2))
    return tape.gradient(loss, weights)


def written_out(x, truth, first, bias, second, end):
    hidden = tf.nn.relu(tf.matmul(x, first) + bias)
    said = tf.matmul(hidden, second) + end
    error = 2.0 * (said - truth) / tf.cast(tf.shape(said)[1] * tf.shape(said)[2], tf.float32)
    below = tf.where(hidden > 0.0, tf.matmul(error, second, transpose_b=True), 0.0)
    return [
        tf.matmul(x, below, transpose_a=True),
        tf.reduce_sum(below, axis=1, keepdims=True),
        tf.matmul(hidden, error, transpose_a=True),
        tf.reduce_sum(error, axis=1, keepdims=True),
    ]


draw = np.random.default_rng(0)
sizes = [(2, 32, 20), (2, 32, 3), (2, 20, 16), (2, 1, 16), (2, 16, 3), (2, 1, 3)]
given = [tf.constant(draw.normal(size=size), tf.float32) for size in sizes]
known = [tf.TensorSpec(size) for size in sizes]
open_ = [tf.TensorSpec([None] * 3) for _ in sizes]


def made(function, specs):
    graph = tf.function(function, autograph=False).get_concrete_function(*specs)
    count = sum(op.type not in {"Const", "Placeholder", "Identity", "NoOp"} for op in graph.graph.get_operations())
    return count, graph(*given)


(closed, a), (wide, b), (plain, c) = made(by_tape, known), made(by_tape, open_), made(written_out, open_)
print(f"operations: sizes known {closed}, open {wide}, open and written out {plain}")
assert all(np.allclose(x, y, atol=1e-6) and np.allclose(x, z, atol=1e-6) for x, y, z in zip(a, b, c, strict=True))
assert wide >= 2 * closed and plain < closed
PY
