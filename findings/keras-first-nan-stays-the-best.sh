#!/usr/bin/env bash
# Library:   keras 3.15.1 (EarlyStopping, ModelCheckpoint, ReduceLROnPlateau),
#            run on its jax backend (jax 0.10.2);
#            the callbacks are the same code on every backend.
# Guess:     NaN is the worst a monitored value can be; any number after it is
#            an improvement.
# Behaviour: the first value is taken as the best, NaN included, and no number
#            is ever less than NaN. From there on nothing improves: training
#            stops after `patience` epochs while the loss falls, the weights of
#            the NaN epoch are restored, and the checkpoint keeps them.
# Why the guess is wrong: a NaN in any later epoch is handled as expected, and
#            the best begins as None, not as infinity.
# Seen:      val NaN, .5, .4, .3, .2, .1: EarlyStopping(patience=2) ends after
#            epoch 3 with the weights of epoch 1; the checkpoint holds epoch 1.
#            With .5, NaN, .4, .3, .2, .1: all six epochs, weights of the last.
# For a sweep: a metric that is undefined in the first epoch (no positive
#            predicted yet) makes a good configuration look like a failure.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    keras==3.15.1 jax==0.10.2 numpy==2.4.6
cd "$work"
export KERAS_BACKEND=jax KERAS_HOME="$work" JAX_PLATFORMS=cpu
"$work/venv/bin/python" -W ignore - <<'PY'
import math

import keras
import numpy as np

INPUTS, TARGETS = np.zeros((8, 2), "float32"), np.zeros((8, 1), "float32")


class Script(keras.callbacks.Callback):
    """Gives the epochs their monitored value and marks the weights with the epoch."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["val"] = self.values[epoch]
        weights = self.model.get_weights()
        weights[1][:] = epoch + 1
        self.model.set_weights(weights)


def fit(values, callback):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    history = model.fit(INPUTS, TARGETS, epochs=len(values), verbose=0, callbacks=[Script(values), callback])
    return model, len(history.epoch)


def marked(model):
    return int(model.get_weights()[1][0])


def stopped(values):
    model, epochs = fit(values, keras.callbacks.EarlyStopping("val", mode="min", patience=2, restore_best_weights=True))
    return epochs, marked(model)


def kept(values):
    options = {"monitor": "val", "mode": "min", "save_best_only": True, "save_weights_only": True}
    model, _ = fit(values, keras.callbacks.ModelCheckpoint("best.weights.h5", **options))
    model.load_weights("best.weights.h5")
    return marked(model)


first, later = [math.nan, 0.5, 0.4, 0.3, 0.2, 0.1], [0.5, math.nan, 0.4, 0.3, 0.2, 0.1]
for name, values in (("NaN first", first), ("NaN second", later)):
    epochs, weights = stopped(values)
    print(f"{name}: EarlyStopping ran {epochs} epochs, weights of epoch {weights}; checkpoint holds epoch {kept(values)}")
assert stopped(first) == (3, 1) and kept(first) == 1
assert stopped(later) == (6, 6) and kept(later) == 6
PY
