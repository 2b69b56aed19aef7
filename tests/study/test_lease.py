import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sweeper.study.open_study import Lease, Leases
from sweeper.system import process as module
from sweeper.system.process import SILENCE, Life, Process, start_of, this_process

ELSEWHERE = Process("elsewhere", 1, "ffffffff.1.1")


def test_this_process_is_alive_until_it_says_otherwise():
    lease = Lease.new()
    assert lease.life() is Life.RUNNING
    assert lease.renew(ended=True).life() is Life.ENDED


def test_a_lease_goes_through_the_study_and_back():
    lease = Lease.new()
    assert Lease.from_json(lease.to_json()) == lease
    assert lease.key == f"driver:{lease.driver}"


def test_a_lease_of_an_earlier_version_is_read():
    boot, namespace, ticks = this_process().start.split(".")
    kept = {"driver": "d", "host": "h", "pid": this_process().pid, "renewed": 1.0, "ended": False}
    machine = f"{boot}-2a2b-4c4d-8e8f-123456789abc/pid:[{namespace}]"
    lease = Lease.from_json(kept | {"machine": machine, "started": int(ticks)})
    assert lease.process == replace(this_process(), host="h")
    assert lease.life() is Life.RUNNING
    assert Lease.from_json(kept | {"machine": machine, "started": int(ticks) - 1}).life() is Life.ENDED
    assert Lease.from_json(kept | {"machine": "elsewhere", "started": 1}).life() is Life.ENDED


def test_two_leases_are_two_drivers():
    assert Lease.new().driver != Lease.new().driver


def test_a_process_that_has_ended_is_dead_however_fresh_its_lease():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        lease = replace(Lease.new(), process=replace(this_process(), pid=process.pid, start=start_of(process.pid)))
        assert lease.life() is Life.RUNNING
        process.communicate(b"\n")
    assert lease.life() is Life.ENDED


@pytest.mark.parametrize("hours", [-48, 48])
def test_on_this_machine_no_clock_counts(monkeypatch, hours):
    lease = Lease.new()
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + hours * 3600)
    assert lease.life() is Life.RUNNING


def test_on_another_machine_the_renewal_counts(monkeypatch):
    lease = replace(Lease.new(), process=ELSEWHERE)
    assert lease.life() is Life.UNKNOWN
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + SILENCE + 1)
    assert lease.life() is Life.ENDED
    assert lease.renew().life() is Life.UNKNOWN


def test_what_is_not_known_to_have_ended_counts_as_alive():
    leases = [Lease.new(), replace(Lease.new(), process=ELSEWHERE), Lease.new().renew(ended=True)]
    read = Leases.read({lease.key: lease.to_json() for lease in leases} | {"other": 1})
    assert [read.alive(lease.driver) for lease in leases] == [True, True, False]
    assert not read.alive("nobody")
    assert read.unknown() == [leases[1]]
