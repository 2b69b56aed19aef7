from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeper.train import kept

SCRIPT = """
import json, os, shutil, sys
from sweeper.train import quiet
for line in sys.stdin:
    networks, spoil = json.loads(line)
    if os.fork():
        _, status = os.wait()
        if status:
            sys.exit("what was forked has failed")
        continue
    import numpy as np
    from sweeper.config.schema import Config
    from sweeper.data.split import Split
    from sweeper.trial import TrialSpec
    from sweeper.train import loop, plan
    plan.XLA_FROM = 0
    if spoil:
        shutil.rmtree(spoil)
        open(spoil, "w").close()
    x, y = np.arange(120).reshape(30, 4).astype("f") % 7, np.arange(30) % 3
    split = Split("s", "0", x, y, x, y, ("a", "b", "c"), (4,), 0)
    said = []
    for hidden in networks:
        spec = TrialSpec("t", Config(hidden=tuple(hidden), batch_size=10, steps=3).to_dict())
        (result,) = loop.train([spec], split, lambda e: None, lambda: ())
        said.append([result.place["jit"], repr(result.weights)])
    print(json.dumps(said), flush=True)
    os._exit(0)
"""
"""Trains what each line asks for in a process of its own, forked with TensorFlow imported, as workers are."""


@pytest.fixture
def train_in_a_process_of_its_own(tmp_path):
    """Trains networks; whether each was compiled, and its weights."""
    environment = os.environ | {"SWEEPER_CACHE": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, **pipes) as server:

        def train(*networks: tuple[int, ...], spoil: str = "") -> list[tuple[bool, str]]:
            """`spoil` becomes a file, in which nothing can be kept, before they are trained."""
            server.stdin.write(json.dumps([networks, spoil]) + "\n")
            server.stdin.flush()
            return json.loads(server.stdout.readline())

        yield train


@pytest.mark.slow
@pytest.mark.tensorflow
def test_a_kept_program_gives_the_same_bits_and_a_damaged_one_is_made_again(tmp_path, train_in_a_process_of_its_own):
    train = train_in_a_process_of_its_own
    first = train((3,), (4, 2))
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "programs").rglob("*.pb")}
    assert len(files) == 2
    # In whatever order they are asked for.
    assert train((4, 2), (3,)) == first[::-1]
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "programs").rglob("*.pb")} == files
    for file in files:
        file.write_bytes(file.read_bytes()[:1000])
    assert train((3,), (4, 2)) == first
    assert all(file.stat().st_size > 1000 for file in (tmp_path / "programs").rglob("*.pb"))
    assert all(compiled for compiled, _ in first)
    (folder,) = (tmp_path / "programs").iterdir()
    ((compiled, _),) = train((3,), spoil=str(folder))
    assert not compiled


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
