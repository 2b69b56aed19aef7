from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeper.train import kept

SCRIPT = """
import shutil, sys
import numpy as np
from sweeper.config.schema import Config
from sweeper.data.split import Split
from sweeper.trial import TrialSpec
from sweeper.train import loop
loop.XLA_FROM = 0
if len(sys.argv) > 2:
    shutil.rmtree(sys.argv[2])
    open(sys.argv[2], "w").close()
x, y = np.arange(120).reshape(30, 4).astype("f") % 7, np.arange(30) % 3
split = Split("s", "0", x, y, x, y, ("a", "b", "c"), (4,), 0)
for hidden in eval(sys.argv[1]):
    spec = TrialSpec("t", Config(hidden=hidden, batch_size=10, steps=3).to_dict())
    (result,) = loop.train([spec], split, lambda e: None, lambda: ())
    print(result.place["jit"], result.weights)
"""


def train_in_a_process_of_its_own(cache, *networks: tuple[int, ...], spoil: str = "") -> list[str]:
    """Each network's weights; `spoil` becomes a file, in which nothing can be kept, before they are trained."""
    environment = os.environ | {"SWEEPER_CACHE": str(cache)}
    command = [sys.executable, "-c", SCRIPT, repr(networks), *([spoil] if spoil else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.tensorflow
def test_a_kept_program_gives_the_same_bits_and_a_damaged_one_is_made_again(tmp_path):
    first = train_in_a_process_of_its_own(tmp_path, (3,), (4, 2))
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "programs").rglob("*.pb")}
    assert len(files) == 2
    # In whatever order they are asked for.
    assert train_in_a_process_of_its_own(tmp_path, (4, 2), (3,)) == first[::-1]
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "programs").rglob("*.pb")} == files
    for file in files:
        file.write_bytes(file.read_bytes()[:1000])
    assert train_in_a_process_of_its_own(tmp_path, (3,), (4, 2)) == first
    assert all(file.stat().st_size > 1000 for file in (tmp_path / "programs").rglob("*.pb"))
    assert all(line.startswith("True") for line in first)
    (folder,) = (tmp_path / "programs").iterdir()
    (graph,) = train_in_a_process_of_its_own(tmp_path, (3,), spoil=str(folder))
    assert graph.startswith("False")


@pytest.fixture
def flags(monkeypatch, tmp_path):
    """What TensorFlow would be told, for a cache folder."""
    monkeypatch.setattr(kept, "_in_use", None)

    def told(cache: str = str(tmp_path / "cache")) -> str:
        monkeypatch.setenv("TF_XLA_FLAGS", "--other")
        monkeypatch.setenv("SWEEPER_CACHE", cache)
        kept.use()
        return os.environ["TF_XLA_FLAGS"]

    return told


def test_the_folder_is_the_machines_own_and_private(flags, tmp_path, monkeypatch):
    told = flags()
    folder = told.removeprefix("--other --tf_xla_persistent_cache_directory=")
    assert folder.startswith(str(tmp_path / "cache" / "programs"))
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert flags() != told


def test_without_a_usable_folder_nothing_is_kept(flags, tmp_path, monkeypatch):
    assert flags("") == "--other"
    assert flags(str(tmp_path / "with space")) == "--other"
    (tmp_path / "file").touch()
    assert flags(str(tmp_path / "file")) == "--other"
    assert flags(str(tmp_path / "cache")) != "--other"
    kept._in_use = None
    monkeypatch.setattr(kept, "ROOM", 2**80)
    assert flags(str(tmp_path / "cache")) == "--other"
    assert not kept.forget()


def test_the_users_cache_folder_is_the_default(monkeypatch, tmp_path):
    monkeypatch.delenv("SWEEPER_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert str(kept._folder()).startswith(str(tmp_path / "sweeper" / "programs"))


def test_only_the_newest_files_stay(flags, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    flags()
    folder = kept._in_use
    for age in range(6):
        file = folder / f"{age}.pb"
        file.touch()
        os.utime(file, (time.time() - age,) * 2)
    flags()
    assert sorted(f.name for f in folder.iterdir()) == ["0.pb", "1.pb", "2.pb"]
    assert kept.forget()
    assert not list(folder.iterdir())
