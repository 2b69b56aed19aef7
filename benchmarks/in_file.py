"""What it costs to leave features in their file: the same training with `dataset.hold=memory` and `dataset.hold=file`.

Each is a process of its own that reads the data and trains the tutorial's network, on one thread. Counted are the
processor's seconds of reading and of training (with the thread that reads ahead), and the most anonymous memory beside
that of a process that has trained on digits. Pages of the file that the system keeps in spare memory do not count.

Last come batches from the disk, each after the system was told to forget the file: as the system reads ahead by itself,
and as rows are asked for of a file that is larger than half of the memory.

    python benchmarks/in_file.py [STEPS]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from sweeper.data import mapped
from sweeper.data.mapped import InFile, Mapped

ROWS, WIDE, PICTURES = 1_000_000, 100_000, 60_000

WORK = """
import json, os, sys, threading, time
from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load
from sweeper.train.loop import train
from sweeper.train.quiet import tf
from sweeper.trial import TrialSpec
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon"))

def trained(dataset, steps):
    split = load(dataset, Validation(size=5000 if dataset.path else 100))
    read = time.process_time()
    config = Config(steps=steps, validate_every=steps, log_every=steps, batch_size=100, repeats=1)
    [result] = train([TrialSpec("0", config.to_dict())], split, lambda _: None, lambda: ())
    return read, split.digest, result.weights

path, hold, steps = sys.argv[1:]
trained(Dataset("digits"), int(steps))
begun, most, over = anonymous(), [0.0], threading.Event()
def watch():
    while not over.wait(0.01):
        most[0] = max(most[0], anonymous())
watcher = threading.Thread(target=watch)
watcher.start()
start = time.process_time()
read, digest, weights = trained(Dataset("npy", path=path, hold=hold), int(steps))
end = time.process_time()
over.set()
watcher.join()
print(json.dumps([read - start, end - read, most[0] - begun, weights]))
"""


def main(steps: int = 5000) -> None:
    """Print a line for each folder."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'data':34}  {'memory':>27}  {'file':>27}  ratio: reading, training, memory")
        for name, size in _make(Path(folder)):
            held, left = (_counted(Path(folder) / name, hold, steps) for hold in ("memory", "file"))
            assert held[3] == left[3], "the weights are not the same"
            shown = [f"{r:5.2f} s {t:5.2f} s {m:5.0f} MB" for r, t, m, _ in (held, left)]
            ratios = ", ".join(f"{b / a:.2f}" for a, b in zip(held[:3], left[:3], strict=True))
            print(f"{f'{name}, {size / 2**20:.0f} MB':34}  {shown[0]:>27}  {shown[1]:>27}  {ratios}")
        _cold(Path(folder) / "table 100,000 x 500, float32" / "x.npy")


def _cold(path: Path, batches: int = 200) -> None:
    """Print what reading batches of 100 rows from the disk takes, in both ways."""
    rows = InFile(Mapped.whole(str(path)), None)
    order = np.random.default_rng(0).permutation(len(rows))[: batches * 100].reshape(-1, 2000)
    for name, size in (("read ahead", mapped.memory()), ("asked for", 1)):
        mapped.memory = lambda size=size: size
        seconds, before = 0.0, _read_bytes()
        for some in order:
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = time.perf_counter()
            rows[some]
            seconds += time.perf_counter() - start
        size_read = (_read_bytes() - before) / 2**20
        wanted = batches * 100 * rows.values.width * rows.values.kind.itemsize / 2**20
        print(
            f"{batches} batches from the disk, {name}: {seconds:.2f} s, {size_read:,.0f} MB read of {wanted:.0f} wanted"
        )


def _read_bytes() -> int:
    """Bytes that this process had read from a disk."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def _counted(path: Path, hold: str, steps: int) -> tuple[float, float, float, list[str]]:
    """Seconds of reading and of training, MB of memory, and fingerprints of the weights."""
    command = [sys.executable, "-c", WORK, str(path), hold, str(steps)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    read, trained, memory, weights = json.loads(done.stdout.splitlines()[-1])
    return read, trained, memory, weights


def _make(folder: Path) -> list[tuple[str, int]]:
    """Folders of data, each with its name and the bytes of its features."""
    random = np.random.default_rng(0)
    made = []
    for name, shape, kind in (
        ("table 1,000,000 x 20, float32", (ROWS, 20), np.float32),
        ("table 100,000 x 500, float32", (WIDE, 500), np.float32),
        ("pictures 60,000 x 28 x 28, bytes", (PICTURES, 28, 28), np.uint8),
    ):
        (folder / name).mkdir()
        features = open_memmap(folder / name / "x.npy", mode="w+", dtype=kind, shape=shape)
        for start in range(0, shape[0], 10_000):
            some = random.normal(size=(10_000, *shape[1:]))
            features[start : start + 10_000] = np.clip(some * 64 + 128, 0, 255) if kind == np.uint8 else some
        np.save(folder / name / "y.npy", random.integers(0, 10, shape[0]))
        made.append((name, features.nbytes))
    return made


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
