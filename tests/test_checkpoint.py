"""The file of a checkpoint: whole or absent, and never a wrong answer."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest

from sweeper.checkpoint import About, Checkpoint, SavedTrial, forget, read, read_about, same, write

ABOUT = About(
    step=12,
    trials=(
        SavedTrial("s/1", {"hidden": [3], "seed": 0}, running=True),
        SavedTrial("s/2", {}, running=False, earlier=[{}]),
    ),
    ground={"data": "d"},
    seconds={"total": 1.5},
    tallies={"report": 2},
    jit=True,
)
ARRAYS = {"state0": np.arange(6, dtype=np.float32).reshape(2, 3), "state1": np.array(7, np.int64)}


def equal(one, other):
    return (
        one.about == other.about
        and one.arrays.keys() == other.arrays.keys()
        and all(
            one.arrays[name].dtype == other.arrays[name].dtype and np.array_equal(one.arrays[name], other.arrays[name])
            for name in one.arrays
        )
    )


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "1.npz"
    write(path, Checkpoint(ABOUT, ARRAYS))
    assert equal(read(path), Checkpoint(ABOUT, ARRAYS))
    assert read_about(path) == ABOUT
    assert [trial.key for trial in ABOUT.running] == ["s/1"]
    assert [file.name for file in path.parent.iterdir()] == ["1.npz"]


def test_one_that_cannot_be_written_leaves_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "1.npz"
    write(path, Checkpoint(ABOUT, ARRAYS))

    def full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(path, Checkpoint(ABOUT, {}))
    assert equal(read(path), Checkpoint(ABOUT, ARRAYS))
    assert [file.name for file in tmp_path.iterdir()] == ["1.npz"]


def test_there_may_be_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "1.npz")
    forget(tmp_path / "1.npz")


def test_forgetting_one_leaves_nothing(tmp_path):
    path = tmp_path / "1.npz"
    write(path, Checkpoint(ABOUT, ARRAYS))
    (tmp_path / "1.part").write_bytes(b"half")
    forget(path)
    assert list(tmp_path.iterdir()) == []


def test_no_pickle_is_ever_read(tmp_path):
    path = tmp_path / "1.npz"
    write(path, Checkpoint(ABOUT, ARRAYS))
    with np.load(path) as file:
        parts = dict(file)
    np.savez(path, allow_pickle=True, **parts | {"state1": np.array([{"a": 1}], object)})
    with pytest.raises(ValueError, match="cannot be read"):
        read(path)


def test_damage_is_always_seen(tmp_path):
    """Cut anywhere, or with any byte changed, a file is said to be damaged, or reads as it was written."""
    path = tmp_path / "1.npz"
    whole = Checkpoint(ABOUT, ARRAYS)
    write(path, whole)
    content, chance = path.read_bytes(), random.Random(5)
    damaged = [content[:cut] for cut in range(0, len(content), 7)]
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        damaged.append(bytes(changed))
    seen = 0
    for bytes_ in damaged:
        path.write_bytes(bytes_)
        try:
            assert equal(read(path), whole)
        except ValueError:
            seen += 1
    assert seen > len(damaged) / 2


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", b"not one at all" * 50, b"\x80\x04N."])
def test_other_files_are_none_of_ours(tmp_path, content):
    path = tmp_path / "1.npz"
    path.write_bytes(content)
    for reader in (read, read_about):
        with pytest.raises(ValueError, match="cannot be read"):
            reader(path)


def test_an_array_alone_is_none_of_ours(tmp_path):
    path = tmp_path / "1.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="cannot be read"):
        read(path)


def test_configurations_are_compared_as_plain_values():
    assert same({"hidden": (3, 4), "seed": 0}, {"seed": 0, "hidden": [3, 4]})
    assert not same({"hidden": [3, 4]}, {"hidden": [4, 3]})
