from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sweeper.system import process as module
from sweeper.system.process import SILENCE, Life, Process, declare_gone, start_of, this_process


def _elsewhere(**change: object) -> Process:
    """A process of another machine."""
    return replace(Process("elsewhere", 1 << 30, "ffffffff.1.1"), **change)


def _here(pid: int) -> Process:
    return Process(this_process().host, pid, start_of(pid))


def test_this_process_lives() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    assert me.life() is Life.RUNNING


def test_a_process_that_ended_is_dead() -> None:
    code = "import sweeper.system.process as p; q = p.this_process(); print(q.pid, q.start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid, start = done.stdout.split()
    assert Process(this_process().host, int(pid), start).life() is Life.ENDED


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        zombie = _here(process.pid)
        process.stdout.read()
        limit = time.monotonic() + 10
        while zombie.life() is not Life.ENDED:
            assert time.monotonic() < limit
            time.sleep(0.01)


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert replace(this_process(), start="00000000.1").life() is Life.ENDED
    boot, namespace, ticks = this_process().start.split(".")
    assert replace(this_process(), start=f"{boot}.{namespace}.{int(ticks) - 1}").life() is Life.ENDED


def test_what_a_record_of_an_earlier_version_says_of_a_process() -> None:
    boot, _, ticks = this_process().start.split(".")
    assert replace(this_process(), start=f"{boot}.{ticks}").life() is Life.RUNNING
    assert replace(this_process(), start=f"{boot}.{int(ticks) - 1}").life() is Life.ENDED
    assert replace(this_process(), start="").life() is Life.RUNNING


def test_other_hosts_are_left_alone() -> None:
    assert Process("elsewhere", 1 << 30, "x").life() is Life.UNKNOWN


def test_another_name_of_the_same_machine_hides_nothing() -> None:
    """A container that shares the machine's process ids, or a machine that was renamed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        renamed = replace(_here(process.pid), host="renamed")
        assert renamed.life() is Life.RUNNING
        process.communicate(b"\n")
    assert renamed.life() is Life.ENDED


def test_another_container_of_the_same_machine_cannot_be_seen() -> None:
    boot, _, ticks = this_process().start.split(".")
    assert replace(this_process(), start=f"{boot}.1.{ticks}").life() is Life.UNKNOWN


def test_an_earlier_boot_of_this_machine_is_over() -> None:
    assert replace(this_process(), start="00000000.1.1").life() is Life.ENDED


def test_what_cannot_be_seen_is_unknown_while_it_was_heard_of_lately() -> None:
    now = time.time()
    assert _elsewhere().life(now) is Life.UNKNOWN
    assert _elsewhere().life(now + SILENCE / 2) is Life.UNKNOWN  # its clock is ahead
    assert _elsewhere().life(now - SILENCE - 1) is Life.ENDED
    assert _elsewhere().life(now + SILENCE + 10) is Life.ENDED


def test_a_person_can_say_that_a_machine_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GONE", set())
    declare_gone(["elsewhere", this_process().host])
    assert _elsewhere().life(time.time()) is Life.ENDED
    assert _elsewhere(host="third").life() is Life.UNKNOWN
    assert this_process().life() is Life.RUNNING


def test_no_process_has_number_zero() -> None:
    assert replace(this_process(), pid=0).life() is Life.ENDED
    assert _elsewhere(pid=0).life() is Life.ENDED


def test_a_process_is_known_by_its_label() -> None:
    me = this_process()
    assert Process.from_label(me.label) == me
    odd = Process("a~b/c.d", 7, "x.1")
    assert "/" not in odd.label
    assert Process.from_label(odd.label) == Process("a-b-c.d", 7, "x.1")
    assert [Process.from_label(label) for label in ("", "a~b", "a~b~c", "a~1~c~d")] == [None] * 4


def test_starts_are_in_order() -> None:
    assert int(start_of(os.getppid()).rpartition(".")[2]) <= int(start_of(os.getpid()).rpartition(".")[2])
    assert start_of(2**22 + 1) == ""
