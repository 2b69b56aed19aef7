#!/usr/bin/env bash
# Library:   pandas 3.1.1 (read_json).
# Guess:     JSON tells texts from numbers, so a label "1_2" or "01" comes back as
#            the text that it is.
# Behaviour: a column of texts becomes numbers where all of them can be read as
#            such, by Python's rules: "1_2" and "12" are both 12, "01" and "1" are
#            both 1, "1e2" is 100; no warning. dtype=False leaves texts alone.
# Why the guess is wrong: dtype=True, which is the default, means that every column
#            of texts is tried as floats and then as whole numbers, whatever the
#            file says; underscores are signs that Python allows in a number.
#            read_csv, which has no types to go by, leaves "1_2" a text.
# Seen:      four clusters "1_1", "11", "1_2", "12" written by to_json come back as
#            two whole numbers, also with lines=True.
# For a sweep: classes are merged before anything is trained, and the task gets
#            easier: read JSON with dtype=False.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import io

import pandas as pd

table = pd.DataFrame({"cluster": ["1_1", "11", "1_2", "12"], "zip": ["01", "1", "001", "1e0"]})
for lines in (False, True):
    text = table.to_json(orient="records", lines=lines)
    usual = pd.read_json(io.StringIO(text), lines=lines)
    plain = pd.read_json(io.StringIO(text), lines=lines, dtype=False)
    print(f"lines={lines}: as usual {usual['cluster'].tolist()} {usual['zip'].tolist()}")
    print(f"lines={lines}: dtype=False {plain['cluster'].tolist()} {plain['zip'].tolist()}")
    assert usual["cluster"].tolist() == [11, 11, 12, 12] and set(usual["zip"]) == {1}
    assert plain.equals(table)
csv = pd.read_csv(io.StringIO(table.to_csv(index=False)))
print(f"the same as CSV: {csv['cluster'].tolist()}")
assert csv["cluster"].tolist() == table["cluster"].tolist()
PY
