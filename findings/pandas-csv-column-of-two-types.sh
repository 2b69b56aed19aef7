#!/usr/bin/env bash
# Library:   pandas 3.1.1 (read_csv with the default C parser).
# Guess:     a column of a CSV has one type: numbers if all of it are numbers,
#            text otherwise.
# Behaviour: long files are inferred piece by piece. The pieces before the
#            first word become numbers, the later ones text, in one column. A
#            label then exists twice, as 1 and as '01', and its zeros are gone
#            in one half of the file and kept in the other.
# Why the guess is wrong: on a short file, where one tries it, it is right; a
#            warning is all that tells the difference.
# Seen:      600,000 rows of labels 00..08 and a last one "0x": ten labels were
#            written, 19 are read. The first thousand rows alone with the same
#            last row: ten. low_memory=False: ten.
# For a sweep: a classifier gets twice the classes, half of them empty in the
#            validation part, and no error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import io
import warnings

import pandas as pd


def read(rows, **options):
    text = "label,value\n" + "".join(f"{i % 9:02d},{i}\n" for i in range(rows)) + "0x,0\n"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        labels = pd.read_csv(io.StringIO(text), **options)["label"]
    return labels, [warning.category.__name__ for warning in caught]


for name, rows, options in (("long", 600_000, {}), ("short", 1_000, {}), ("long, low_memory=False", 600_000, {"low_memory": False})):
    labels, warned = read(rows, **options)
    kinds = sorted({type(label).__name__ for label in labels})
    print(f"{name}: {labels.nunique()} labels, kinds {kinds}, warnings {warned}")
    if name == "long":
        assert labels.nunique() == 19 and kinds == ["int", "str"] and warned == ["DtypeWarning"]
    else:
        assert labels.nunique() == 10 and kinds == ["str"]
PY
