#!/usr/bin/env bash
# Library:   fastparquet 2026.9.0 and pyarrow 25.0.1, with pandas 3.1.1; Parquet.
# Guess:     a column of durations that one of the two has written is one of
#            durations to the other.
# Behaviour: Parquet has no type for durations. fastparquet writes them as times
#            of day, and pyarrow reads those: 30 hours are 06:00, and one hour
#            less than nothing is 23:00. pyarrow writes them as whole numbers,
#            and fastparquet reads them as microseconds without a unit.
# Why the guess is wrong: each reads what it has written itself, by notes of its
#            own in the file; a table of times of day below 24 hours even looks
#            right.
# Seen:      1 s, 30 h and -1 h by fastparquet: [00:00:01, 06:00, 23:00] in
#            pyarrow; by pyarrow: 1000000, 108000000000 and -3600000000 in
#            fastparquet. The numbers in the file are right in both.
# For a sweep: a feature such as the time since the last visit is folded into a
#            day. The stored whole numbers are the durations: cast to them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    fastparquet==2026.9.0 pyarrow==25.0.1 pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import fastparquet
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

hour = 3_600_000_000
table = pd.DataFrame({"since": pd.to_timedelta(["0:00:01", "30:00:00", "-1:00:00"])})
fastparquet.write("fast.parquet", table)
table.to_parquet("arrow.parquet", engine="pyarrow")

column = pq.read_table("fast.parquet").column("since")
times = [str(value) for value in column.to_pylist()]
back = fastparquet.ParquetFile("arrow.parquet").to_pandas()["since"]
print(f"by fastparquet, in pyarrow: {column.type}, {times}; as numbers {column.cast(pa.int64()).to_pylist()}")
print(f"by pyarrow, in fastparquet: {back.dtype}, {back.tolist()}")
assert pa.types.is_time(column.type) and times == ["00:00:01", "06:00:00", "23:00:00"]
assert column.cast(pa.int64()).to_pylist() == [1_000_000, 30 * hour, -hour]
assert back.tolist() == [1_000_000, 30 * hour, -hour] and back.dtype.kind == "i"
assert pq.read_table("arrow.parquet").column("since").type == pa.duration("us")
assert fastparquet.ParquetFile("fast.parquet").to_pandas()["since"].tolist() == table["since"].tolist()
PY
