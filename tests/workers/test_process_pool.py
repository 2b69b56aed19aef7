import os
import signal
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
import targets
from helpers import alive, drain, lost, results, spec, until

from sweeper.errors import SweeperError
from sweeper.trial import EpochReport
from sweeper.workers import worker
from sweeper.workers.base import WorkerLost
from sweeper.workers.process_pool import FAILED_STARTS, ProcessPool
from sweeper.workers.run_group import train_group
from sweeper.workers.worker_main import ROOM


def busy_pool(pool):
    """Submit a slow trial, and wait until its worker has reported."""
    pool.submit([spec(0), spec(1)])
    until(lambda: any(isinstance(event, EpochReport) for event in pool.poll(0.1)))


def test_making_a_pool_takes_no_time_and_its_workers_are_born_meanwhile():
    with ProcessPool(3, target=targets.trivial) as pool:
        until(lambda: len(pool.pids) == 3)
        assert len(set(pool.pids)) == 3
        assert all(map(alive, pool.pids))


def test_a_worker_that_exits_loses_its_trials_and_is_replaced():
    with ProcessPool(1, target=targets.deadly) as pool:
        pool.submit([spec(0, learning_rate=0.9), spec(1)])
        pool.submit([spec(2)])
        events = drain(pool, 3)
        assert lost(events) == [WorkerLost(("s/0", "s/1"), "exited with status 3", outside=False)]
        assert results(events)["s/2"].status == "finished"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_killed_by_somebody_is_nobodys_fault(number):
    with ProcessPool(1, target=partial(targets.trivial, pause=0.3)) as pool:
        busy_pool(pool)
        os.kill(pool.pids[0], number)
        assert lost(drain(pool, 2)) == [WorkerLost(("s/0", "s/1"), f"killed by {number.name}", outside=True)]
        pool.submit([spec(2)])
        assert results(drain(pool, 1))["s/2"].status == "finished"


def test_a_crash_of_its_own_is_the_trials_fault():
    with ProcessPool(1, target=targets.crashing) as pool:
        pool.submit([spec(0)])
        assert lost(drain(pool, 1)) == [WorkerLost(("s/0",), "killed by SIGSEGV", outside=False)]


def test_trials_that_had_their_result_before_the_worker_died_are_not_lost():
    with ProcessPool(1, target=targets.half_done) as pool:
        pool.submit([spec(0), spec(1)])
        events = drain(pool, 2)
        assert results(events)["s/0"].status == "finished"
        assert [event.keys for event in lost(events)] == [("s/1",)]


def test_a_hanging_worker_is_killed_at_the_deadline_of_its_members():
    with ProcessPool(2, target=targets.hanging, deadline=0.3) as pool:
        pool.submit([spec(0, learning_rate=0.9), spec(1)])
        pool.submit([spec(2)])
        events = drain(pool, 3)
        (gone,) = lost(events)
        assert gone.keys == ("s/0", "s/1")
        assert gone.reason.startswith("deadline: longer than 0.3 s for each of 2 trials")
        assert not gone.outside
        assert results(events)["s/2"].status == "finished"


def test_a_silent_worker_is_taken_for_hung():
    with ProcessPool(1, target=targets.hanging, silence=0.5) as pool:
        pool.submit([spec(0, learning_rate=0.9)])
        assert lost(drain(pool, 1))[0].reason == "deadline: silent for 0.5 s"


def test_a_worker_that_is_stopped_for_a_while_goes_on():
    with ProcessPool(1, target=partial(targets.trivial, pause=0.1)) as pool:
        busy_pool(pool)
        pid = pool.pids[0]
        os.kill(pid, signal.SIGSTOP)
        assert [event for event in pool.poll(0.5) if isinstance(event, WorkerLost)] == []
        os.kill(pid, signal.SIGCONT)
        assert lost(drain(pool, 2)) == []


def test_the_fork_server_may_die_and_everything_is_started_again(monkeypatch, tmp_path):
    (tmp_path / "vmstat").write_text("oom_kill 8\n")  # of other days
    monkeypatch.setattr(worker, "PROC", tmp_path)
    with ProcessPool(2, target=partial(targets.trivial, pause=0.2)) as pool:
        busy_pool(pool)
        before, server = set(pool.pids), pool.server_pid
        os.kill(server, signal.SIGKILL)
        (gone,) = lost(drain(pool, 2))
        assert gone == WorkerLost(("s/0", "s/1"), "its fork server ended: killed by SIGKILL", outside=True)
        pool.submit([spec(2)])
        assert results(drain(pool, 1))["s/2"].status == "finished"
        assert pool.server_pid != server
        until(lambda: not any(map(alive, before)))


def test_a_fork_server_that_hangs_is_started_again(monkeypatch):
    monkeypatch.setattr("sweeper.workers.process_pool.BIRTH", 4.0)
    with ProcessPool(1, target=targets.trivial) as pool:
        hung = pool.server_pid
        os.kill(hung, signal.SIGSTOP)
        pool.submit([spec(0)])
        events = drain(pool, 1)
        if lost(events):
            assert lost(events)[0].outside
            pool.submit([spec(0)])
            events = drain(pool, 1)
        assert results(events)["s/0"].status == "finished"
        assert pool.server_pid != hung


def test_closing_leaves_no_process_behind():
    pool = ProcessPool(2, target=partial(targets.trivial, pause=1.0))
    until(lambda: len(pool.pids) == 2)
    pool.submit([spec(0)])
    pids = [*pool.pids, pool.server_pid]
    pool.close()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_nothing_outlives_a_driver_that_is_killed():
    program = textwrap.dedent("""
        import sys, time
        sys.path.insert(0, sys.argv[1])
        import targets, helpers
        from sweeper.workers.process_pool import ProcessPool

        pool = ProcessPool(2, target=targets.hanging)
        pool.submit([helpers.spec(0, learning_rate=0.9)])
        while len(pool.pids) < 2:
            time.sleep(0.01)
        print(*pool.pids, pool.server_pid, flush=True)
        time.sleep(600)
    """)
    here = str(Path(targets.__file__).parent)
    with subprocess.Popen([sys.executable, "-c", program, here], stdout=subprocess.PIPE, text=True) as driver:
        pids = [int(pid) for pid in driver.stdout.readline().split()]
        assert len(pids) == 3
        assert all(map(alive, pids))
        driver.kill()
    until(lambda: not any(map(alive, pids)))


def test_ctrl_c_reaches_the_driver_alone():
    with ProcessPool(1, target=partial(targets.trivial, pause=0.05)) as pool:
        busy_pool(pool)
        os.kill(pool.pids[0], signal.SIGINT)
        os.kill(pool.server_pid, signal.SIGINT)
        assert lost(drain(pool, 2)) == []


def test_a_memory_limit_makes_a_failed_trial_and_not_a_dead_machine():
    with ProcessPool(1, target=targets.free_workers, memory=1 << 30) as pool:
        pool.submit([spec(0)])
        found = results(drain(pool, 1))
        assert found["s/0"].failure.kind == "out of memory"


def test_workers_that_cannot_start_are_told_once(monkeypatch, capfd):
    ghost = ModuleType("ghost")
    exec("def work(group, report, stopped): pass", ghost.__dict__)
    monkeypatch.setitem(sys.modules, "ghost", ghost)
    with ProcessPool(1, target=ghost.work) as pool, pytest.raises(SweeperError) as told:  # noqa: PT012
        for number in range(10):
            pool.submit([spec(number)])
            drain(pool, 1)
    assert "no worker can start" in told.value.message
    assert "No module named 'ghost'" in capfd.readouterr().err


def test_a_fork_server_that_cannot_import_is_told_by_how_it_ended(monkeypatch, capfd):
    monkeypatch.setattr("sweeper.workers.process_pool.TRAINER", ("no_such_module",))
    with ProcessPool(1, target=train_group) as pool, pytest.raises(SweeperError) as told:  # noqa: PT012
        for number in range(10):
            pool.submit([spec(number)])
            drain(pool, 1)
    assert "no worker can start" in told.value.message
    assert "its fork server ended: exited with status 1" in told.value.message
    assert capfd.readouterr().err.count("Traceback") <= FAILED_STARTS


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_that_grows_is_replaced_between_two_groups_and_no_trial_is_lost():
    with ProcessPool(1, target=partial(targets.leaking, size=ROOM * 3 // 5)) as pool:
        for number in range(5):
            pool.submit([spec(number)])
        ended = results(drain(pool, 5))
    assert [result.status for result in ended.values()] == ["finished"] * 5
    first, *_, last = served = [result.worker for result in ended.values()]
    assert served == [first] * 3 + [last] * 2  # growth is counted from after the first group
    assert first != last


def test_a_worker_keeps_standard_output_for_the_command(capfd):
    with ProcessPool(1, target=targets.talkative) as pool:
        pool.submit([spec(0)])
        drain(pool, 1)
    out, err = capfd.readouterr()
    assert out == ""
    assert "hello from a worker" in err


def test_threads_are_pinned():
    with ProcessPool(1, target=targets.threads, threads=3) as pool:
        pool.submit([spec(0)])
        assert results(drain(pool, 1))["s/0"].failure.message == "3 3 3"


def test_workers_that_live_have_places_of_their_own():
    with ProcessPool(2, target=partial(targets.place, pause=0.5)) as pool:
        for kill in (True, True, False):
            for number in range(2):
                pool.submit([spec(number)])
            said = {result.failure.message.split()[1] for result in results(drain(pool, 2)).values()}
            assert said == {"0", "1"}
            if kill:
                dead = pool.pids[0]
                os.kill(dead, signal.SIGKILL)
                until(lambda dead=dead: dead not in pool.pids and len(pool.pids) == pool.free_workers == 2)


def test_many_trials_use_no_more_file_descriptors():
    with ProcessPool(2, target=targets.trivial) as pool:
        pool.submit([spec(0)])
        drain(pool, 1)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(100):
            pool.submit([spec(number)])
        drain(pool, 100)
        for _ in range(5):
            os.kill(pool.pids[0], signal.SIGKILL)
            pool.submit([spec(0)])
            pool.submit([spec(1)])
            drain(pool, 2)
            until(lambda: len(pool.pids) == 2)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
