"""A machine without data sets, and a small stand-in for MNIST in its own files."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sweeper.data import catalog, idx, places

Bytes = npt.NDArray[np.uint8]


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No data set but those inside packages can be found, and runs/ is a folder of the test's own."""
    monkeypatch.delenv("SWEEPER_DATA", raising=False)
    monkeypatch.delenv("SWEEPER_DOWNLOAD", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(places, "_DEBIAN", tmp_path / "debian")
    return tmp_path


def idx_bytes(values: Bytes) -> bytes:
    """An IDX file, written from its description and not with sweeper's code."""
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


@dataclass(frozen=True)
class Small:
    """Files and arrays of the stand-in, whose test images are all above 200 and training images below 100."""

    train: Bytes
    train_labels: Bytes
    test: Bytes
    test_labels: Bytes

    @property
    def files(self) -> dict[str, bytes]:
        """Content of each file, uncompressed, by name."""
        return {
            "train-images-idx3-ubyte": idx_bytes(self.train),
            "train-labels-idx1-ubyte": idx_bytes(self.train_labels),
            "t10k-images-idx3-ubyte": idx_bytes(self.test),
            "t10k-labels-idx1-ubyte": idx_bytes(self.test_labels),
        }

    def put(self, folder: Path, *, packed: bool = True) -> Path:
        """Write the four files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)
        return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Small:
    """A data set of 120 and 30 images of 4 x 3, which the catalog takes for ``mnist``."""
    random = np.random.default_rng(5)
    made = Small(
        train=random.integers(0, 100, (120, 4, 3), dtype=np.uint8),
        train_labels=(np.arange(120) % 10).astype(np.uint8),
        test=random.integers(200, 256, (30, 4, 3), dtype=np.uint8),
        test_labels=(np.arange(30) % 10).astype(np.uint8),
    )
    shas = {name: hashlib.sha256(content).hexdigest() for name, content in made.files.items()}
    names = list(shas)
    entry = replace(
        catalog.KNOWN["mnist"],
        digest=hashlib.sha256(made.train.tobytes() + made.train_labels.tobytes()).hexdigest(),
        shape=(4, 3),
        train=120,
        test=30,
        files={name: shas[name] for name in names[:2]},
        sealed=tuple(shas[name] for name in names[2:]),
        mirrors=("http://127.0.0.1:9/first", "http://127.0.0.1:9/second"),
    )
    monkeypatch.setitem(catalog.KNOWN, "mnist", entry)
    monkeypatch.setattr(idx, "SEALED", frozenset(entry.sealed))
    return made


@pytest.fixture
def installed(small: Small, bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in as ``mnist`` in SWEEPER_DATA; its folder."""
    monkeypatch.setenv("SWEEPER_DATA", str(bare_machine / "data"))
    return small.put(bare_machine / "data" / "mnist")


@pytest.fixture
def archive(bare_machine: Path) -> Callable[..., str]:
    """Writes arrays as an npz file; its path."""

    def write(**arrays: npt.NDArray[np.generic]) -> str:
        path = bare_machine / "set.npz"
        np.savez(path, **arrays)
        return str(path)

    return write
