import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sweeper.study.storage import lease as module
from sweeper.study.storage.lease import EXPIRE, Lease, machine, start_time


def test_this_process_is_alive_until_it_says_otherwise():
    lease = Lease.new()
    assert lease.alive()
    assert not lease.renew(ended=True).alive()


def test_a_lease_goes_through_the_study_and_back():
    lease = Lease.new()
    assert Lease(**lease.to_json()) == lease
    assert lease.key == f"driver:{lease.driver}"


def test_two_leases_are_two_drivers():
    assert Lease.new().driver != Lease.new().driver


def test_a_process_that_has_ended_is_dead_however_fresh_its_lease():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        lease = replace(Lease.new(), pid=process.pid, started=start_time(process.pid))
        assert lease.alive()
        process.communicate(b"\n")
    assert not lease.alive()


def test_a_zombie_is_dead():
    with subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE) as process:
        process.stdout.read()
        limit = time.monotonic() + 10
        while start_time(process.pid) != -1:
            assert time.monotonic() < limit
            time.sleep(0.01)


def test_a_process_id_that_was_given_again_is_another_process():
    lease = Lease.new()
    assert not replace(lease, started=lease.started - 1).alive()


@pytest.mark.parametrize("hours", [-48, 48])
def test_on_this_machine_no_clock_counts(monkeypatch, hours):
    lease = Lease.new()
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + hours * 3600)
    assert lease.alive()


def test_on_another_machine_the_renewal_counts(monkeypatch):
    lease = replace(Lease.new(), machine="elsewhere", pid=1, started=1)
    assert lease.alive()
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + EXPIRE + 1)
    assert not lease.alive()
    assert lease.renew().alive()


def test_start_times():
    assert start_time(os.getpid()) > 0
    assert start_time(os.getppid()) <= start_time(os.getpid())
    assert start_time(2**22 + 1) == -1


def test_the_machine_has_a_name():
    assert machine()
    assert machine() == machine()
