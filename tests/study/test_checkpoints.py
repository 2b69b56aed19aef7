"""Which trials go on from which checkpoint, and what is left of them: nothing."""

import json
import os
import subprocess
import sys
import time
from functools import partial
from types import SimpleNamespace

import pytest
import targets
from helpers import carry_out, plan, spec

from sweeper.checkpoint import About, Checkpoint, SavedTrial, read_about, write
from sweeper.config.schema import Config
from sweeper.config.space import Float, Space
from sweeper.study.attempt import Losses
from sweeper.study.checkpoints import Checkpoints, claim
from sweeper.study.study_record import load_trials
from sweeper.system.process import SILENCE, Process, this_process
from sweeper.workers.process_pool import ProcessPool

ALIKE = Space({"learning_rate": Float(0.01, 1.0, log=True)}, fixed=("steps=5",), base={"steps": 5})


def attempt(number, **config):
    return SimpleNamespace(key=f"s/{number}", drawn=SimpleNamespace(config=Config(**config)))


def keep(path, step, *numbers, ended=()):
    """A checkpoint of trials of the default configuration."""
    saved = tuple(SavedTrial(f"s/{n}", Config().to_dict(), running=n not in ended) for n in numbers)
    write(path, Checkpoint(About(step, saved, {}, {}, {}, jit=False), {}))


@pytest.fixture
def mine(tmp_path):
    said = []
    checkpoints = Checkpoints(tmp_path / "s", "me", said.append)
    checkpoints.said = said
    return checkpoints


def find(mine, *attempts, ended=None):
    numbers = iter(range(7, 100))
    return mine.find(attempts, (ended or {}).get, lambda: next(numbers))


def test_a_group_is_found_by_its_trials_and_becomes_this_drivers(mine, tmp_path):
    keep(tmp_path / "s" / "other-3.npz", 40, 1, 2, 5, ended=[5])
    (found,) = find(mine, attempt(2), attempt(1), attempt(4))
    assert [one.key for one in found.attempts] == ["s/1", "s/2"]
    assert found.group == 7
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["me-7.npz"]
    assert read_about(mine.path(7)).step == 40


def test_who_has_ended_since_is_trained_beside_until_where_he_ended(mine, tmp_path):
    keep(tmp_path / "s" / "other-3.npz", 40, 1, 2, 3)
    (found,) = find(mine, attempt(2), ended={"s/1": 60, "s/3": 0})
    own = spec(2, learning_rate=0.25)
    specs = found.specs([own])
    assert [(one.key, one.until, one.model_dir) for one in specs] == [("s/1", 60, ""), ("s/2", 0, ""), ("s/3", 0, "")]
    assert specs[1] is own
    assert not (tmp_path / "s" / "other-3.npz").exists()


def test_what_two_drivers_have_taken_over_together_serves_both(mine, tmp_path):
    keep(tmp_path / "s" / "dead-3.npz", 40, 1, 2)
    (one,) = find(mine, attempt(1))
    other = Checkpoints(tmp_path / "s", "other", mine.said.append)
    (two,) = find(other, attempt(2))
    assert read_about(mine.path(one.group)) == read_about(other.path(two.group))


def test_a_trial_goes_on_from_where_it_came_furthest(mine, tmp_path):
    keep(tmp_path / "s" / "a-1.npz", 40, 1, 2)
    keep(tmp_path / "s" / "b-1.npz", 60, 1)
    further, nearer = find(mine, attempt(1), attempt(2), ended={"s/1": 0})
    assert (further.about.step, [one.key for one in further.attempts]) == (60, ["s/1"])
    assert (nearer.about.step, [one.key for one in nearer.attempts]) == (40, ["s/2"])


def test_one_of_other_values_is_left_alone(mine, tmp_path):
    keep(tmp_path / "s" / "a-1.npz", 40, 1)
    assert find(mine, attempt(1, seed=5)) == []
    assert (tmp_path / "s" / "a-1.npz").exists()


def test_one_that_is_torn_is_told_of_once_and_deleted(mine, tmp_path):
    path = tmp_path / "s" / "a-1.npz"
    keep(path, 40, 1)
    path.write_bytes(path.read_bytes()[:-50])
    assert find(mine, attempt(1)) == find(mine, attempt(1)) == []
    assert len(mine.said) == 1
    assert "a checkpoint is of no use, and its trials begin again: a-1.npz cannot be read" in mine.said[0]


def test_at_the_end_only_what_a_living_driver_has_is_left(mine, tmp_path):
    for name in ("me-1.npz", "me-2.part", "dead-1.npz", "alive-1.npz"):
        keep(tmp_path / "s" / name, 1, 1)
    mine.clear(lambda driver: driver == "alive")
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["alive-1.npz"]
    mine.clear(lambda _: False)
    assert not (tmp_path / "s").exists()
    mine.clear(lambda _: False)


def carry_on(tmp_path, monkeypatch, number):
    """A sweep of three whose worker is lost after a checkpoint: its outcome, and whom the target was given then."""
    mark = tmp_path / "mark"
    monkeypatch.setenv("SWEEPER_TEST_MARK", str(mark))
    with ProcessPool(1, target=partial(targets.lost_after_a_checkpoint, number=number)) as pool:
        outcome, _ = carry_out(plan(3, space=ALIKE), tmp_path, None, pool=pool)
    assert [trial.state for trial in load_trials(tmp_path, "s")] == ["pruned", "finished", "finished"]
    assert not (tmp_path / "checkpoints" / "s").exists()
    return outcome, [json.loads(line) for line in mark.read_text().splitlines()]


def test_a_group_whose_worker_was_killed_goes_on_together_as_it_was(tmp_path, monkeypatch):
    outcome, groups = carry_on(tmp_path, monkeypatch, 9)
    assert groups == [[["s/0", 3, True], ["s/1", 0, True], ["s/2", 0, True]]]
    assert any("its trials are run again: s/1, s/2" in note for note in outcome.notes)


def test_a_group_that_ended_its_worker_begins_again_one_by_one(tmp_path, monkeypatch):
    _, groups = carry_on(tmp_path, monkeypatch, 0)
    assert groups == [[["s/1", 0, False]], [["s/2", 0, False]]]


def test_a_trial_that_ended_a_worker_or_lost_many_is_suspect():
    assert not Losses(["killed"] * 9).suspect
    assert Losses(["killed"] * 10).suspect
    assert Losses(["exited"], guilty=1).suspect


CONFIG = Config().to_dict()


def dead_label():
    code = "import sweeper.system.process as p; print(p.this_process().label)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_run_takes_over_what_a_dead_process_has_left_of_it(tmp_path):
    own = claim(tmp_path, CONFIG, "d").path
    assert not own.parent.exists()
    left = own.with_name(own.name.replace(this_process().label, dead_label()))
    keep(left, 40, 1)
    left.with_suffix(".part").write_bytes(b"half")
    assert claim(tmp_path, CONFIG, "another").path != own
    assert claim(tmp_path, CONFIG | {"seed": 9}, "d").path != own
    assert left.exists()
    assert claim(tmp_path, CONFIG, "d").path == own
    assert read_about(own).step == 40
    assert {path.name for path in own.parent.iterdir()} == {own.name, own.with_suffix(".part").name}


def test_a_run_leaves_a_living_one_alone(tmp_path):
    own = claim(tmp_path, CONFIG, "d").path
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as alive:
        label = this_process().label.replace(f"~{this_process().pid}~", f"~{alive.pid}~").rpartition("~")[0] + "~"
        theirs = own.with_name(own.name.replace(this_process().label, label))
        keep(theirs, 40, 1)
        claim(tmp_path, CONFIG, "d")
        assert theirs.exists()
        assert not own.exists()
        alive.communicate(b"\n")
    claim(tmp_path, CONFIG, "d")
    assert own.exists()


def elsewhere(own):
    """The name of the same run's checkpoint on a machine that cannot be seen from here."""
    return own.with_name(own.name.replace(this_process().label, Process("elsewhere", 7, "ffffffff.1.1").label))


def test_a_run_goes_on_from_a_copy_where_nobody_can_know_whether_the_other_still_runs(tmp_path):
    own = claim(tmp_path, CONFIG, "d").path
    theirs, said = elsewhere(own), []
    keep(theirs, 40, 1)
    claimed = claim(tmp_path, CONFIG, "d", said.append)
    assert (read_about(own).step, read_about(theirs).step) == (40, 40)
    assert "process 7 on elsewhere, which cannot be seen from here" in said[0]
    claimed.forget()
    assert list(own.parent.iterdir()) == []


def test_what_the_other_has_written_since_is_left_alone(tmp_path):
    own = claim(tmp_path, CONFIG, "d").path
    theirs = elsewhere(own)
    keep(theirs, 40, 1)
    claimed = claim(tmp_path, CONFIG, "d")
    keep(theirs, 80, 1)
    os.utime(theirs, (time.time() + 1, time.time() + 1))
    claimed.forget()
    assert read_about(theirs).step == 80
    assert not own.exists()


def test_what_another_machine_has_not_touched_for_long_is_taken_over(tmp_path):
    own = claim(tmp_path, CONFIG, "d").path
    theirs, said = elsewhere(own), []
    keep(theirs, 40, 1)
    os.utime(theirs, (time.time() - SILENCE - 5, time.time() - SILENCE - 5))
    claim(tmp_path, CONFIG, "d", said.append)
    assert read_about(own).step == 40
    assert not theirs.exists()
    assert said == []
