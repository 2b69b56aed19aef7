"""What killed processes left under runs/checkpoints: what is of use stays, what is not can be told and deleted."""

import os
import subprocess
import sys

import pytest
import targets
from helpers import carry_out, plan, stop_after

from sweeper.checkpoint import About, Checkpoint, SavedTrial, write
from sweeper.errors import InterruptedRunError
from sweeper.study.cleanup import discard, left
from sweeper.system.process import this_process


def save(path, *keys):
    saved = tuple(SavedTrial(key, {}, running=True) for key in keys)
    write(path, Checkpoint(About(2, saved, {}, {}, {}, jit=False), {}))
    return path


@pytest.fixture
def study(tmp_path):
    """A study of which trials 0 to 2 have ended and others have not; its driver is gone."""
    with pytest.raises(InterruptedRunError):
        carry_out(plan(8, group_limit=1), tmp_path, targets.trivial, observe=stop_after(3))
    return tmp_path / "checkpoints" / "s"


def test_only_what_a_trial_can_go_on_from_is_of_use(study, tmp_path):
    save(study / "dead-1.npz", "s/0", "s/1")
    save(study / "dead-2.npz", "s/1", "s/7")
    (study / "dead-3.npz").write_bytes(b"torn")
    (study / "dead-4.part").write_bytes(b"half")
    save(tmp_path / "checkpoints" / "none" / "dead-1.npz", "none/0")
    found = {f"{each.path.parent.name}/{each.path.name}": each.useless for each in left(tmp_path)}
    assert found == {
        "s/dead-1.npz": "its trials have ended",
        "s/dead-2.npz": "",
        "s/dead-3.npz": "it is torn",
        "s/dead-4.part": "it was never finished",
        "none/dead-1.npz": "its study is gone",
    }
    discard(left(tmp_path))
    assert [each.path for each in left(tmp_path)] == [study / "dead-2.npz"]
    assert not (tmp_path / "checkpoints" / "none").exists()


def test_a_killed_run_can_go_on_and_a_living_one_is_left_alone(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from sweeper.system.process import this_process; print(this_process().label)"],
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "checkpoints"
    dead = save(folder / f"run~abcd~{done.stdout.strip()}.npz", "run/1")
    save(folder / f"run~abcd~{this_process().label}.npz", "run/2")
    torn = folder / f"run~ef~{done.stdout.strip()}.npz"
    torn.write_bytes(b"torn")
    os.utime(torn, (1000, 1000))
    assert [(each.path, each.useless) for each in left(tmp_path)] == [(torn, "it is torn"), (dead, "")]
    discard(left(tmp_path))
    assert [each.path for each in left(tmp_path)] == [dead]
    assert len(list(folder.iterdir())) == 2


def test_nothing_there_is_nothing_left(tmp_path):
    assert left(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
