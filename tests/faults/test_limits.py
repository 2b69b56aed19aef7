"""The machine refuses: a full disk, no file descriptors, a database that is held, a driver that is stopped."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from spoken import Spoken

from sweeper.study.storage.location import study_file
from sweeper.study.study_record import load_study

SWEEP = Path(__file__).with_name("sweep.py")
HELD = float(os.environ.get("SWEEPER_HELD", "3"))
"""Seconds for which another holds the database: ``SWEEPER_HELD=240`` for the long form."""


def sweep(*arguments, prefix=(), **more):
    """Run a sweep to its end: what it said last, its exit code, and what it wrote to standard error."""
    command = [*prefix, sys.executable, str(SWEEP), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **more)
    return [json.loads(line) for line in ended.stdout.splitlines()], ended.returncode, ended.stderr


def namespaces():
    """Whether a tmpfs of our own can be mounted here."""
    if not shutil.which("unshare"):
        return False
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not namespaces(), reason="no file system can be mounted here")
def test_a_full_disk_is_one_line_and_the_sweep_goes_on_once_there_is_room(tmp_path):
    script = """
        mount -t tmpfs -o size=700k none "$1" && shift
        "$@"; echo "code $?"
        mount -o remount,size=20m none "$0" && "$@"; echo "code $?"
    """
    runs = tmp_path / "runs"
    runs.mkdir()
    command = ["unshare", "-rm", "sh", "-c", script, str(runs), str(runs), sys.executable, str(SWEEP), str(runs), "60"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in ended.stderr, ended.stderr
    first, second = (part.strip().splitlines() for part in ended.stdout.split("code")[:2])
    failed = json.loads(first[-1])
    assert "full" in failed["error"]
    assert "the same command goes on" in failed["hint"]
    assert [line for line in ended.stdout.splitlines() if line.startswith("code")] == ["code 1", "code 0"]
    assert json.loads(second[-1])["finished"] == 60
    told = [json.loads(line).get("number") for line in first + second[1:]]
    numbers = [number for number in told if number is not None]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("limit", [8, 12, 24])
def test_too_few_file_descriptors_are_an_error_and_not_a_hang(tmp_path, limit):
    said, code, err = sweep(tmp_path, 5, prefix=["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"])
    if code == 0:
        assert said[-1]["finished"] == 5
    else:
        assert code == 1
        assert "too many open files" in (err + json.dumps(said)).lower()
    _, code, _ = sweep(tmp_path, 5)
    assert code == 0
    assert len(load_study(tmp_path, "s").trials) == 5


def test_a_database_that_another_holds_for_a_while_costs_nothing(tmp_path):
    driver = Spoken([sys.executable, str(SWEEP), str(tmp_path), "30", "random", "none", "0.02"])
    for _ in range(3):
        driver.hear()
    with sqlite3.connect(study_file(tmp_path, "s"), isolation_level=None, timeout=30) as held:
        held.execute("BEGIN IMMEDIATE")
        time.sleep(HELD)
        held.execute("ROLLBACK")
    held.close()
    said, code = driver.end()
    assert code == 0
    assert said[-1]["finished"] == 30
    assert len(load_study(tmp_path, "s").trials) == 30


def test_a_driver_that_is_stopped_for_a_while_keeps_its_trials(tmp_path):
    arguments = [str(tmp_path), "30", "random", "none", "0.05"]
    stopped = Spoken([sys.executable, str(SWEEP), *arguments])
    first = [stopped.hear() for _ in range(3)]
    os.kill(stopped.pid, signal.SIGSTOP)
    other = Spoken([sys.executable, str(SWEEP), *arguments])
    time.sleep(4.0)
    assert other.poll() is None  # it waits for the trials of the other, which is stopped and not dead
    os.kill(stopped.pid, signal.SIGCONT)
    (theirs, its_code), (mine, my_code) = other.end(), stopped.end()
    assert (my_code, its_code) == (0, 0)
    numbers = [line["number"] for line in [*first, *mine, *theirs] if "number" in line]
    assert sorted(numbers) == sorted(set(numbers))
    assert len(load_study(tmp_path, "s").trials) == 30


def test_what_a_torn_write_left_behind_is_repaired_at_the_next_start(tmp_path):
    """The end of the write-ahead log is cut, as by a loss of power: at most what was written last is gone."""
    driver = Spoken([sys.executable, str(SWEEP), str(tmp_path), "40", "random", "none", "0.02"])
    for _ in range(15):
        driver.hear()
    driver.kill()
    driver.end()
    log = study_file(tmp_path, "s").with_name("s.db-wal")
    whole = log.read_bytes()
    log.write_bytes(whole[: len(whole) - 5000])
    said, code, err = sweep(tmp_path, 40)
    assert (code, err) == (0, "")
    assert said[-1]["finished"] == 40
    assert len({json.dumps(dict(trial.values)) for trial in load_study(tmp_path, "s").trials}) == 40
