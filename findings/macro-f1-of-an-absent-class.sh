#!/usr/bin/env bash
# Library:   keras 3.15.1 (metrics.F1Score, on its jax backend, jax 0.10.2) and
#            scikit-learn 1.9.1 (f1_score, balanced_accuracy_score).
# Guess:     "macro" is the mean over the classes; the libraries agree, and
#            balanced accuracy counts the same classes as macro F1.
# Behaviour: three rules for a class that a part of the data lacks. Keras counts
#            every output of the network: absent, it scores 0. scikit-learn's F1
#            counts classes that are in the labels or in the predictions: absent
#            from both it does not count, predicted once it scores 0. Balanced
#            accuracy counts the classes of the labels alone.
# Why the guess is wrong: on data that have every class all three agree on which
#            classes count.
# Seen:      labels 0, 0, 1 of three classes. All right: Keras 0.667, F1 1.0,
#            balanced accuracy 1.0. One 0 taken for the absent 2: F1 0.556,
#            balanced accuracy 0.75.
# For a sweep: scores of small folds move by a third with the classes that a fold
#            happens to hold: state `labels=`, or stratify so that none is absent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    keras==3.15.1 jax==0.10.2 scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cd "$work"
export KERAS_BACKEND=jax KERAS_HOME="$work" JAX_PLATFORMS=cpu
"$work/venv/bin/python" -W ignore - <<'PY'
import keras
import numpy as np
from sklearn.metrics import balanced_accuracy_score, f1_score


def scores(labels, predicted):
    metric = keras.metrics.F1Score(average="macro")
    metric.update_state(np.eye(3, dtype="float32")[labels], np.eye(3, dtype="float32")[predicted])
    values = (metric.result(), f1_score(labels, predicted, average="macro"), balanced_accuracy_score(labels, predicted))
    return [round(float(value), 3) for value in values]


right, wrong, whole = scores([0, 0, 1], [0, 0, 1]), scores([0, 0, 1], [0, 2, 1]), scores([0, 1, 2], [0, 1, 2])
print("Keras F1, scikit-learn F1, balanced accuracy")
print(f"all right, class 2 absent:   {right}")
print(f"one taken for the absent 2:  {wrong}")
print(f"all right, all there:        {whole}")
assert right == [0.667, 1.0, 1.0]
assert wrong[1:] == [0.556, 0.75]
assert whole == [1.0, 1.0, 1.0]
PY
