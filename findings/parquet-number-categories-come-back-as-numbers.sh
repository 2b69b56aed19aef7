#!/usr/bin/env bash
# Library:   pyarrow 25.0.1, pandas 3.1.1 (to_parquet, read_parquet).
# Guess:     a categorical column written to Parquet and read back is
#            categorical again, with its list of categories.
# Behaviour: that holds for categories that are text. Whole-number categories
#            come back as plain integers: the declared classes that no row has
#            are lost, and so is the order. The pandas metadata of the file
#            still say "categorical".
# Why the guess is wrong: Parquet has dictionary encoding for every type, and
#            the file's Arrow schema restores it for strings.
# Seen:      classes 1..4 declared, 4 unused: int64 comes back, three classes.
#            Classes b, a, z (ordered, z unused): all three, ordered.
# For a sweep: digits as labels, the commonest case, turn from a class into a
#            number: a tool that decides by type whether to classify or to
#            regress decides wrongly, and the last layer may lack a class.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    pandas==3.1.1 pyarrow==25.0.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import json

import pandas as pd
import pyarrow.parquet as pq

frame = pd.DataFrame(
    {
        "digit": pd.Categorical([3, 1, 2, 3], categories=[1, 2, 3, 4], ordered=True),
        "letter": pd.Categorical(["b", "a", "b", "a"], categories=["b", "a", "z"], ordered=True),
    }
)
frame.to_parquet("labels.parquet")
back = pd.read_parquet("labels.parquet")
columns = json.loads(pq.read_schema("labels.parquet").metadata[b"pandas"])["columns"]
noted = {column["name"]: column["pandas_type"] for column in columns if column["name"]}
letters = back["letter"].cat
print(f"read back: digit {back['digit'].dtype}, letter {back['letter'].dtype}")
print(f"letter's categories {list(letters.categories)}, ordered {letters.ordered}")
print(f"digit's classes {sorted(back['digit'].unique().tolist())}; the file's own note: {noted}")
assert back["digit"].dtype == "int64" and frame["digit"].dtype == "category"
assert list(letters.categories) == ["b", "a", "z"] and letters.ordered
assert noted == {"digit": "categorical", "letter": "categorical"}
PY
