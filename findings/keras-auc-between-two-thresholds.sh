#!/usr/bin/env bash
# Library:   keras 3.15.1 (metrics.AUC), run on its jax backend (jax 0.10.2),
#            beside scikit-learn 1.9.1 (roc_auc_score).
# Guess:     200 thresholds give the area under the ROC curve to two digits or
#            three; it depends on the order of the scores alone.
# Behaviour: the thresholds are spread evenly from 0 to 1, wherever the scores
#            lie. Scores between two of them count as equal: a model that ranks
#            well and gives all its probabilities in a narrow band, as one does
#            for a class of one in a thousand, has an area of 0.5.
# Why the guess is wrong: the same ranking spread over 0 to 1 is right to three
#            digits, and more thresholds help only in proportion.
# Seen:      probabilities from 0.0010 to 0.0040: 0.500 against 0.760; the same
#            ranks spread over 0 to 1: 0.760 and 0.760.
# For a sweep: with a rare class, configurations that predict well and small
#            look like chance, and the search goes where probabilities are large.
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
from sklearn.metrics import roc_auc_score

chance = np.random.default_rng(0)
labels = np.tile([0, 1], 1000)
ranks = (chance.normal(size=2000) + labels).argsort().argsort()
spread = (ranks / 1999).astype("float32")
narrow = (0.001 + 0.003 * ranks / 1999).astype("float32")


def both(scores):
    metric = keras.metrics.AUC()
    metric.update_state(labels, scores)
    return round(float(metric.result()), 3), round(float(roc_auc_score(labels, scores)), 3)


for name, scores in (("0.0010 to 0.0040", narrow), ("0 to 1", spread)):
    print(f"scores {name}: Keras {both(scores)[0]}, scikit-learn {both(scores)[1]}")
assert both(narrow)[0] == 0.5 and both(narrow)[1] > 0.74
assert abs(both(spread)[0] - both(spread)[1]) < 0.005
PY
