#!/usr/bin/env bash
# Library:   scipy 1.17.1 (scipy.io.arff.loadarff).
# Guess:     "?", the format's missing value, comes back as missing in every
#            column, and a label is one of those the header declares.
# Behaviour: in number columns it is NaN; in nominal columns it is the byte
#            string b'?', a value like the others though the header does not
#            declare it. A value the header does not declare is an error
#            otherwise. Extra fields after the label (the format's instance
#            weights) are dropped without a word.
# Why the guess is wrong: numbers are handled as expected, and NumPy's byte
#            strings have no missing value.
# Seen:      labels a, ?, b: isnull() finds one gap in the numbers and none in
#            the labels; three classes where the header declares two. Weights
#            {5} vanish.
# For a sweep: unlabelled rows are trained and scored as a class of their own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    scipy==1.17.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import io

import numpy as np
from scipy.io import arff

HEADER = "@relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n"


def load(rows):
    return arff.loadarff(io.StringIO(HEADER + rows))


rows, meta = load("1,a\n?,?\n2,b\n")
declared = meta["y"][1]
classes = np.unique(rows["y"]).tolist()
weighted, _ = load("1,a,{5}\n2,b\n")
try:
    load("1,c\n")
except ValueError as error:
    refusal = str(error)
print(f"declared {declared}, read {classes}; NaN in the numbers: {int(np.isnan(rows['x']).sum())}")
print(f"an undeclared label raises: {refusal}")
print(f"a row with a weight: {weighted[0].tolist()}, fields {weighted.dtype.names}")
assert declared == ("a", "b") and classes == [b"?", b"a", b"b"]
assert int(np.isnan(rows["x"]).sum()) == 1
assert weighted[0].tolist() == (1.0, b"a") and weighted.dtype.names == ("x", "y")
PY
