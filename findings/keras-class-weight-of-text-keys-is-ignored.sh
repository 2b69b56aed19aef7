#!/usr/bin/env bash
# Library:   keras 3.15.1 (Model.fit with class_weight), run on its jax backend
#            (jax 0.10.2).
# Guess:     `class_weight` must name the classes that there are; a key that is
#            no class, or a class without a key, is an error.
# Behaviour: a class without a key weighs 1, and keys that are no class are
#            passed over in silence. Keys of text are no class: weights that went
#            through JSON, YAML or a command line come back as "0" and "1", and
#            training is unweighted.
# Why the guess is wrong: Keras 2 refused a dictionary with gaps; a label beyond
#            the output's units is an error still.
# Seen:      first loss with {0: 1, 1: 9} is three times that without weights;
#            with {"0": 1, "1": 9} it is that without weights.
# For a sweep: a configuration that says "weighted" and was not; two trials that
#            differ in nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    keras==3.15.1 jax==0.10.2 numpy==2.4.6
cd "$work"
export KERAS_BACKEND=jax KERAS_HOME="$work" JAX_PLATFORMS=cpu
"$work/venv/bin/python" -W ignore - <<'PY'
import json

import keras
import numpy as np

inputs, labels = np.ones((64, 2), "float32"), np.tile([0, 0, 0, 1], 16)


def first_loss(weights):
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax", kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    history = model.fit(inputs, labels, epochs=1, verbose=0, batch_size=64, class_weight=weights)
    return round(history.history["loss"][0], 4)


weights = {0: 1.0, 1: 9.0}
through_json = json.loads(json.dumps(weights))
plain, weighted, text, gap = first_loss(None), first_loss(weights), first_loss(through_json), first_loss({1: 9.0})
print(f"no weights {plain}; {weights} {weighted}; {through_json} {text}; {{1: 9.0}} {gap}")
assert weighted > 2.5 * plain
assert text == plain
assert gap == weighted
PY
