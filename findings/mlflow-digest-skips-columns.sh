#!/usr/bin/env bash
# Library:   mlflow-skinny 3.17.2, the tracking half of mlflow
#            (mlflow.data.from_pandas), pandas 3.1.1.
# Guess:     the digest of a data set changes whenever its content does; that
#            is what it is recorded for.
# Behaviour: only number and text columns are hashed, and of them the first
#            10,000 rows. Booleans, dates and lists take part by their name
#            alone, later rows by their number alone.
# Why the guess is wrong: renaming a column, or changing a number near the
#            top, does change it.
# Seen:      flipped boolean labels, other dates, other lists: the digest stays.
#            20,000 rows with row 15,000 changed: it stays; row 5,000: another.
# For a sweep: two runs on different labels say they saw the same data. Guard a
#            study with a digest of your own over the bytes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1 pandas==3.1.1
cd "$work"
export MLFLOW_DISABLE_TELEMETRY=true MLFLOW_TRACKING_URI="sqlite:///$work/mlflow.db"
"$work/venv/bin/python" -W ignore - <<'PY'
import logging

import mlflow.data
import pandas as pd

logging.getLogger("mlflow").setLevel(logging.ERROR)


def digest(**columns):
    return mlflow.data.from_pandas(pd.DataFrame(columns)).digest


pairs = {
    "boolean": ([True, False], [False, True]),
    "date": (pd.to_datetime(["2020-01-01", "2020-01-02"]), pd.to_datetime(["2021-05-01", "2022-06-02"])),
    "list": ([[1], [2]], [[8], [9]]),
    "number": ([1.0, 2.0], [2.0, 1.0]),
    "text": (["a", "b"], ["b", "a"]),
}
same = {}
for kind, (one, other) in pairs.items():
    first, second = digest(x=[0.5, 0.6], y=one), digest(x=[0.5, 0.6], y=other)
    same[kind] = first == second
    print(f"{kind} column changed: {first} {second} {'SAME' if same[kind] else 'different'}")

rows = list(range(20_000))
late, early = rows.copy(), rows.copy()
late[15_000] = early[5_000] = -1
whole, late, early = digest(x=rows), digest(x=late), digest(x=early)
print(f"20,000 rows {whole}; row 15,000 changed {late}; row 5,000 changed {early}")

assert same == {"boolean": True, "date": True, "list": True, "number": False, "text": False}
assert whole == late and whole != early
PY
