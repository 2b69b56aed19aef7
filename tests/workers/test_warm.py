"""Pools whose fork server is a copy of a warm server, and every way of doing without it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import targets
import warming
from helpers import alive, carry_out, drain, lost, plan, results, spec
from helpers import until as until_within

from sweeper.errors import InputError
from sweeper.jobs import warm as job
from sweeper.system.process import Process, start_of, this_process
from sweeper.system.warm import client, place
from sweeper.system.warm import server as serving
from sweeper.system.warm.standing import standing
from sweeper.trial import EpochReport
from sweeper.workers.base import WorkerLost
from sweeper.workers.early import WARM
from sweeper.workers.process_pool import ProcessPool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs SO_PEERCRED and pidfd")
SWEEP = Path(__file__).parents[1] / "faults" / "sweep.py"


until = partial(until_within, timeout=30.0)


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def trains(pool):
    pool.submit([spec(0)])
    return results(drain(pool, 1))["s/0"].status == "finished"


def test_a_pool_works_with_a_copy_and_closing_leaves_only_the_server(warm):
    with ProcessPool(2, target=targets.trivial) as pool:
        assert trains(pool)
        assert parent(pool.server_pid) == warm.pid
        pids = [*pool.pids, pool.server_pid]
    until(lambda: not any(map(alive, pids)))
    assert alive(warm.pid)


def test_a_worker_stands_where_its_driver_stands(warm, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MINE", "7")
    before = os.umask(0o027)
    try:
        with ProcessPool(1, target=targets.trivial) as pool:
            assert trains(pool)
            pid = pool.pids[0]
            assert Path(f"/proc/{pid}/cwd").readlink() == tmp_path / "here"
            assert "Umask:\t0027" in Path(f"/proc/{pid}/status").read_text()
            assert Path(f"/proc/{pid}/oom_score_adj").read_text() == Path("/proc/self/oom_score_adj").read_text()
    finally:
        os.umask(before)


@pytest.mark.parametrize("variable", ["TF_XLA_FLAGS", "OMP_NUM_THREADS", "KERAS_HOME"])
def test_another_environment_does_without(folder, variable):
    with warming.server(folder, **{variable: "another"}) as process, ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
        assert parent(pool.server_pid) != process.pid
        assert client.status(WARM)["refused"] == "another environment"


def test_another_code_does_without(warm, monkeypatch):
    monkeypatch.setattr("sweeper.system.warm.identity._code", lambda: "changed since")
    with ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
        assert parent(pool.server_pid) == os.getpid()


def test_a_server_that_hangs_is_done_without_in_a_bounded_time(warm, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE", 0.5)
    os.kill(warm.pid, signal.SIGSTOP)
    began = time.monotonic()
    assert client.borrow(WARM, {}) is None
    assert time.monotonic() - began < 5.0
    with ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
        assert parent(pool.server_pid) == os.getpid()


def test_a_socket_that_nobody_listens_to_is_done_without(folder):
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / WARM))
    with ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
    assert job.status()["refused"] == "it was killed, and has left its socket behind"
    assert job.stop() == {"stopped": 0, "commands": 0}
    assert not folder.exists()


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_may_enter_is_refused(warm, folder, mode):
    folder.chmod(mode)
    with pytest.raises(place.RefusedError, match="is not yours alone"):
        place.connect(WARM, 1.0)
    with ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
        assert parent(pool.server_pid) == os.getpid()
    with pytest.raises(InputError, match="is not yours alone"):
        job.start(60)


def test_a_folder_a_socket_and_a_process_of_another_user_are_refused(warm, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(place.RefusedError, match="is not yours alone"):
        place.connect(WARM, 1.0)
    monkeypatch.setattr(place, "open_folder", lambda: os.open(place.folder(), os.O_RDONLY | os.O_DIRECTORY))
    with pytest.raises(place.RefusedError, match="no socket of yours"):
        place.connect(WARM, 1.0)
    here, there = socket.socketpair()
    with here, there, pytest.raises(place.RefusedError, match="of user"):
        place.own_peer(here)


def test_a_link_in_place_of_the_folder_is_refused(warm, folder, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.setenv("SWEEPER_WARM", str(tmp_path / "link"))
    with pytest.raises(place.RefusedError, match="no folder of yours"):
        place.connect(WARM, 1.0)


def test_a_lower_priority_is_not_undone_by_the_server(warm):
    asked = standing()
    assert asked["nice"] == os.getpriority(os.PRIO_PROCESS, 0)
    lent = client.borrow(WARM, {"setup": {}})
    assert lent is not None
    assert os.getpriority(os.PRIO_PROCESS, lent.pid) == asked["nice"] or not alive(lent.pid)
    lent.channel.close()
    lent.close()


def test_it_ends_when_nobody_comes(folder):
    with warming.server(folder, idle=0.1) as process:
        assert process.wait(20) == 0
    assert not folder.exists()


def test_it_does_not_end_while_a_driver_has_workers_of_it(folder):
    with warming.server(folder, idle=3.0) as process:
        with ProcessPool(1, target=targets.trivial) as pool:
            assert trains(pool)
            time.sleep(5)
            assert alive(process.pid)
        assert process.wait(20) == 0


def test_it_ends_with_the_session_of_its_terminal(folder):
    with subprocess.Popen(["sleep", "60"]) as shell:
        label = Process(this_process().host, shell.pid, start_of(shell.pid)).label
        with warming.server(folder, leader=label) as process:
            shell.kill()
            assert process.wait(20) == 0
    assert not folder.exists()


def test_it_ends_when_memory_is_short(monkeypatch, tmp_path):
    monkeypatch.setattr(serving, "Path", lambda _: tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemTotal: 16000000 kB\nMemAvailable: 400000 kB\n")
    assert serving.memory_is_short()
    (tmp_path / "meminfo").write_text("MemTotal: 16000000 kB\nMemAvailable: 4000000 kB\n")
    assert not serving.memory_is_short()


@pytest.mark.parametrize("end", ["stop", "SIGTERM", "folder"])
def test_an_end_leaves_nothing_behind_and_a_pool_goes_on(warm, folder, end):
    with ProcessPool(1, target=targets.trivial) as pool:
        assert trains(pool)
        copy = pool.server_pid
        if end == "stop":
            assert job.stop() == {"stopped": warm.pid, "commands": 0}
        elif end == "SIGTERM":
            warm.terminate()
        else:  # as a logout takes it away
            (folder / WARM).unlink()
        assert warm.wait(20) == 0
        assert not folder.exists()
        assert trains(pool)
        assert pool.server_pid == copy


def test_a_copy_that_is_killed_is_followed_by_a_server_of_the_drivers_own(warm):
    with ProcessPool(2, target=partial(targets.trivial, pause=0.2)) as pool:
        pool.submit([spec(0), spec(1)])
        until(lambda: any(isinstance(event, EpochReport) for event in pool.poll(0.1)))
        before = set(pool.pids)
        os.kill(pool.server_pid, signal.SIGKILL)
        (gone,) = lost(drain(pool, 2))
        assert gone == WorkerLost(("s/0", "s/1"), "its fork server ended: killed by SIGKILL", outside=True)
        assert trains(pool)
        assert parent(pool.server_pid) == os.getpid()
        until(lambda: not any(map(alive, before)))


@pytest.mark.parametrize("victim", ["worker", "warm server", "copy"])
def test_a_sweep_loses_nothing_when_one_is_killed(warm, tmp_path, victim):
    pool = ProcessPool(2, target=partial(targets.trivial, pause=0.02))
    killed = []

    def watch(event):
        if isinstance(event, EpochReport) and event.step == 2 and pool.pids and not killed:
            killed.append({"worker": pool.pids[0], "warm server": warm.pid, "copy": pool.server_pid}[victim])
            os.kill(killed[0], signal.SIGKILL)

    outcome, ended = carry_out(plan(12), tmp_path, None, pool=pool, observe=watch)
    assert killed
    assert (outcome.counts.finished, outcome.counts.failed) == (12, 0)
    assert sorted(each.number for each in ended) == sorted({each.number for each in ended})


def test_a_driver_that_is_killed_takes_its_processes_with_it_and_the_next_one_goes_on(warm, tmp_path):
    command = [sys.executable, str(SWEEP), str(tmp_path), "16", "random", "none", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        copy = json.loads(driver.stdout.readline())["server"]
        assert parent(copy) == warm.pid
        ended = [driver.stdout.readline() for _ in range(3)]
        workers = [int(pid) for pid in Path(f"/proc/{copy}/task/{copy}/children").read_text().split()]
        driver.kill()
    assert ended
    assert workers
    until(lambda: not any(map(alive, [copy, *workers])))
    assert alive(warm.pid)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"finished": 16, "pruned": 0, "failed": 0}


def test_status_says_what_is(warm):
    found = job.status()
    assert (found["running"], found["pid"], found["refused"], found["in_use"]) == (True, warm.pid, "", 0)
    assert 0 < found["ends_in"] <= 60
    assert found["memory"] > 1e6
    assert job.stop() == {"stopped": warm.pid, "commands": 0}
    assert job.status() == {"running": False, "commands": {"running": False}}
