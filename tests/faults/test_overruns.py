"""Trials that take too much: time without end, more memory than they may have, more than the machine has."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import targets
from helpers import carry_out, plan

from sweeper.config.schema import Config
from sweeper.study.plan import Point
from sweeper.workers.process_pool import ProcessPool

CGROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
LIMITS = ("memory.limit_in_bytes", "memory.max")
"""Of the first and the second version of the kernel's control groups."""


def tuned(runs, *asked):
    """A sweep as it is typed, with real training: how many trials ended how, and why each failed, by what was tried."""
    common = ["dataset=digits", "space=none", "stop_after=0", "--sampler", "grid", "--workers", "1", "--confirm", "0"]
    command = [sys.executable, "-m", "sweeper", "tune", *common, *asked, "-n", "2", "--runs", str(runs), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    listed = [sys.executable, "-m", "sweeper", "results", "--runs", str(runs), "--json"]
    rows = json.loads(subprocess.run(listed, capture_output=True, text=True, check=True, timeout=60).stdout)
    return json.loads(done.stdout)["trials"], {row["overrides"].split()[-1]: row["failure.message"] for row in rows}


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
@pytest.mark.slow
def test_training_without_end_is_set_aside_at_the_deadline_and_the_rest_goes_on(tmp_path):
    counts, failures = tuned(tmp_path, "hidden=[20]", "steps=60,3000000", "--deadline", "3s")
    assert counts == {"requested": 2, "finished": 1, "pruned": 0, "failed": 1, "repeated": 0}
    assert failures["steps=60"] is None
    assert "ended its worker 2 times: deadline: longer than 3 s" in failures["steps=3000000"]


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
@pytest.mark.slow
def test_a_network_beyond_the_memory_limit_fails_with_the_reason_and_the_rest_goes_on(tmp_path):
    counts, failures = tuned(tmp_path, "steps=60", "hidden=[20],[16000,16000]", "--memory", "1GB")
    assert counts == {"requested": 2, "finished": 1, "pruned": 0, "failed": 1, "repeated": 0}
    assert failures["hidden=[20]"] is None
    assert failures["hidden=[16000,16000]"] == "the worker's memory limit was reached"


@contextmanager
def cramped(limit):
    """A control group with little memory; a way to put processes into it."""
    root = next((place for place in CGROUPS if (place / "memory.stat").exists()), CGROUPS[-1])
    group = root / f"sweeper-test-{os.getpid()}"
    try:
        group.mkdir()
        next(group / name for name in LIMITS if (group / name).exists()).write_text(str(limit))
    except (OSError, StopIteration):
        pytest.skip("no control group with a memory limit can be made here")
    try:
        yield lambda pid: (group / "cgroup.procs").write_text(str(pid))
    finally:
        until = time.monotonic() + 10
        while group.exists() and time.monotonic() < until:
            try:
                group.rmdir()
            except OSError:  # the last of its processes is still ending
                time.sleep(0.05)


def test_the_kernels_kill_for_want_of_memory_is_told_from_a_persons(tmp_path):
    points = [Point({"rate": 0.1}, (), Config(learning_rate=0.1))]
    with cramped(200 << 20) as confine, ProcessPool(1, target=targets.free_workers) as pool:
        while not pool.pids:
            time.sleep(0.02)
        confine(pool.server_pid)  # and so every worker that it makes from now on
        confine(pool.pids[0])
        outcome, [ended] = carry_out(plan(1, space=None, points=points), tmp_path, None, pool=pool)
    assert outcome.counts.failed == 1
    assert ended.failure.kind == "poison"
    assert ended.failure.message == "ended its worker 2 times: killed by the kernel for want of memory"
