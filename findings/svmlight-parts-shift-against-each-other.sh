#!/usr/bin/env bash
# Library:   scikit-learn 1.9.1 (load_svmlight_file).
# Guess:     the same index in two files of one data set means the same column.
# Behaviour: with the default zero_based="auto" each file decides for itself: if
#            index 0 occurs anywhere in it, columns count from 0, else from 1. A
#            part in which the first feature happens to be zero everywhere (and
#            so, being sparse, unwritten) is shifted by one column.
# Why the guess is wrong: the two parts load without a word, and where both have
#            an index 0, or neither, they agree.
# Seen:      training part with indices 0..3, test part with 1..3: the feature 1
#            of the first is column 1, of the second column 0. Loaded together
#            (load_svmlight_files), or with zero_based=True, they agree.
# For a sweep: train and test are read apart by design; the score on the test
#            part is that of a model fed with the wrong columns, and given
#            n_features even the width agrees.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from pathlib import Path

from sklearn.datasets import load_svmlight_file, load_svmlight_files

Path("train.svm").write_text("1 0:7 1:5 3:9\n0 1:5 2:8\n")
Path("test.svm").write_text("1 1:5 3:9\n0 1:5 2:8\n")


def column_of_five(matrix):
    return int((matrix.toarray()[0] == 5).argmax())


def apart(**options):
    parts = [load_svmlight_file(f"{part}.svm", n_features=4, **options)[0] for part in ("train", "test")]
    return [column_of_five(part) for part in parts], [part.shape[1] for part in parts]


columns, widths = apart()
together = load_svmlight_files(["train.svm", "test.svm"])
together = [column_of_five(together[0]), column_of_five(together[2])]
stated, _ = apart(zero_based=True)
print(f"column of feature 1 in (train, test), read apart: {columns}, widths {widths}")
print(f"read together: {together}; apart with zero_based=True: {stated}")
assert columns == [1, 0] and widths == [4, 4]
assert together == [1, 1] and stated == [1, 1]
PY
