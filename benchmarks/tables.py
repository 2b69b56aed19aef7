"""What reading a large table costs, beside pandas and scikit-learn doing the same: processor time and memory.

Makes tables of 1,000,000 x 20 (or as many rows as are asked for) with a fixed seed in a temporary folder, as CSV and
Parquet: numbers alone, and 18 numbers with 2 categories. Each is read in a process of its own, once by
``sweeper.data.load`` (kinds, row keys, the sealed part, leaks, validation) and once by ``pandas.read_csv`` or
``read_parquet``, StandardScaler and OneHotEncoder; the imports are not counted. An uncompressed archive of the numbers
is read beside.

    python benchmarks/tables.py [ROWS]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

NAMES = ("num.csv", "num.parquet", "mix.csv", "mix.parquet")

COUNTED = """
import json, resource, sys, time
import numpy as np, pandas as pd, pyarrow.csv, pyarrow.parquet, sklearn.compose, sklearn.preprocessing as sp
name, kind = sys.argv[1], sys.argv[1].rpartition(".")[2]
began = time.process_time()
{work}
print(json.dumps([time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

OURS = """
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, loader
from sweeper.data.sealed import load_readers
import sklearn.impute, sklearn.pipeline
load_readers()
began = time.process_time()
load(Dataset(kind, path=name, target="" if kind == "npz" else "label"), Validation())
"""

THEIRS = """
table = pd.read_csv(name) if kind == "csv" else pd.read_parquet(name)
labels = table.pop("label").astype("category").cat.codes.to_numpy()
words = [column for column in table if column.startswith("c")]
numbers = [column for column in table if not column.startswith("c")]
pieces = [("numbers", sp.StandardScaler(), numbers)]
pieces += [("words", sp.OneHotEncoder(sparse_output=False, dtype=np.float32), words)] if words else []
features = sklearn.compose.ColumnTransformer(pieces).fit_transform(table).astype(np.float32)
"""


def main(rows: int = 1_000_000) -> None:
    """Print a line for each file."""
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), rows)
        print(f"{'file':12}  {'sweeper':>16}  {'pandas, sklearn':>16}  ratio: time, memory")
        for name in NAMES:
            ours, theirs = (_counted(work, Path(folder) / name) for work in (OURS, THEIRS))
            shown = [f"{seconds:6.2f} s {size:5.0f} MB" for seconds, size in (ours, theirs)]
            print(f"{name:12}  {shown[0]:>16}  {shown[1]:>16}  {ours[0] / theirs[0]:.2f}, {ours[1] / theirs[1]:.2f}")
        seconds, size = _counted(OURS, Path(folder) / "array.npz")
        print(f"{'array.npz':12}  {seconds:6.2f} s {size:5.0f} MB  of {8 * 20 * rows / 2**20:,.0f} MB on disk")


def _counted(work: str, path: Path) -> tuple[float, float]:
    """Seconds of the processor, and the most memory in MB."""
    command = [sys.executable, "-c", COUNTED.format(work=work), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, size = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(size)


def _make(folder: Path, rows: int) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    generator = np.random.default_rng(0)
    numbers = {f"f{k}": generator.normal(size=rows).round(6) for k in range(20)}
    label = np.array(["no", "yes"])[(numbers["f0"] + generator.normal(size=rows) > 0).astype(int)]
    words = {
        "c1": np.array([f"v{k}" for k in range(12)])[generator.integers(0, 12, rows)],
        "c2": np.array([f"city {k}" for k in range(40)])[generator.integers(0, 40, rows)],
    }
    mixed = {name: numbers[name] for name in list(numbers)[:18]} | words
    for name, columns in (("num", numbers), ("mix", mixed)):
        table = pa.table({**columns, "label": label})
        csv.write_csv(table, folder / f"{name}.csv")
        parquet.write_table(table, folder / f"{name}.parquet")
    np.savez(folder / "array.npz", x=np.column_stack(list(numbers.values())), y=label)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
