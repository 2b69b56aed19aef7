from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

from sweeper.system.process import Process, this_process


def test_this_process_lives() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    assert me.alive


def test_a_process_that_ended_is_dead() -> None:
    code = "import sweeper.system.process as p; q = p.this_process(); print(q.pid, q.start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid, start = done.stdout.split()
    assert not Process(this_process().host, int(pid), start).alive


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert not replace(this_process(), start="00000000.1").alive


def test_other_hosts_are_left_alone() -> None:
    assert Process("elsewhere", 1 << 30, "x").alive


def test_no_process_has_number_zero() -> None:
    assert not replace(this_process(), pid=0).alive


def test_a_process_is_known_by_its_label() -> None:
    me = this_process()
    assert Process.of(me.label) == me
    odd = Process("a~b/c.d", 7, "x.1")
    assert "/" not in odd.label
    assert Process.of(odd.label) == Process("a-b-c.d", 7, "x.1")
    assert [Process.of(label) for label in ("", "a~b", "a~b~c", "a~1~c~d")] == [None] * 4
