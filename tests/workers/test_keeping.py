"""Workers that stay for the next call in one Python process."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import targets
from helpers import drain, results, spec

from sweeper.workers import pools
from sweeper.workers.pools import PoolOptions

ONE = PoolOptions(size=1, target=targets.trivial)


@pytest.fixture(autouse=True)
def closed():
    yield
    pools.close()


def call(options=ONE, wrong=None):
    """Train one trial as a call does; the workers' process ids."""
    with pools.keeping(), pools.lend_pool(options) as pool:
        pool.submit([spec(0)])
        assert results(drain(pool, 1))["s/0"].status == "finished"
        pids = list(pool.pids)
        if wrong:
            raise wrong
    return pids


def gone(pid, timeout=20.0):
    limit = time.monotonic() + timeout
    while Path(f"/proc/{pid}").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def test_a_second_call_uses_the_workers_of_the_first_until_they_are_closed():
    first = call()
    assert call() == first
    pools.close()
    assert gone(first[0])
    assert call() != first


def test_what_loading_mlflow_sets_is_no_change_to_a_worker(monkeypatch):
    first = call()
    monkeypatch.setenv("MLFLOW_LOGGING_LEVEL", "CRITICAL")
    monkeypatch.setenv("DO_NOT_TRACK", "true")
    assert call() == first


def test_without_being_asked_nothing_is_kept():
    with pools.lend_pool(ONE) as pool:
        pool.submit([spec(0)])
        drain(pool, 1)
        (pid,) = pool.pids
    assert gone(pid)


def test_more_and_fewer_workers_are_made_of_the_same_server():
    first = call()
    with pools.keeping(), pools.lend_pool(PoolOptions(size=2, target=targets.trivial)) as pool:
        limit = time.monotonic() + 20
        while len(pool.pids) < 2:
            assert time.monotonic() < limit
            time.sleep(0.02)
        assert set(first) < set(pool.pids)
        both = list(pool.pids)
    for _ in range(2):
        (left,) = call()[:1]
    assert left in both
    with pools.keeping(), pools.lend_pool(ONE) as pool:
        limit = time.monotonic() + 20
        while len(pool.pids) > 1:
            assert time.monotonic() < limit
            time.sleep(0.02)


@pytest.mark.parametrize("what", ["threads", "environment", "folder"])
def test_other_surroundings_get_workers_of_their_own(what, monkeypatch, tmp_path):
    first = call()
    if what == "environment":
        monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path))
    if what == "folder":
        monkeypatch.chdir(tmp_path)
    assert call(PoolOptions(size=1, target=targets.trivial, threads=2 if what == "threads" else 1)) != first
    assert gone(first[0])


def test_after_an_error_or_a_trial_that_still_runs_nothing_is_kept():
    with pytest.raises(ValueError, match="mistake"):
        call(wrong=ValueError("mistake"))
    assert pools._kept == []
    with pools.keeping(), pools.lend_pool(PoolOptions(size=1, target=targets.hanging)) as pool:
        pool.submit([spec(0, learning_rate=0.9)])
    assert pools._kept == []


def test_a_kept_worker_that_was_killed_is_replaced():
    (pid,) = call()
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert call() != [pid]


def test_they_end_with_python():
    program = textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[1])
        import targets, helpers
        from sweeper.workers import pools
        from sweeper.workers.pools import PoolOptions

        with pools.keeping(), pools.lend_pool(PoolOptions(size=1, target=targets.trivial)) as pool:
            pool.submit([helpers.spec(0)])
            helpers.drain(pool, 1)
            print(*pool.pids, pool.server_pid)
    """)
    here = str(Path(targets.__file__).parent)
    done = subprocess.run([sys.executable, "-c", program, here], capture_output=True, text=True, check=True)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    assert all(map(gone, pids))
