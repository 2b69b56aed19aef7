import signal

import pytest

from sweeper.workers import worker as module
from sweeper.workers.worker import Death, MemoryKills, explain

FIRST = "9:name=systemd:/\n4:memory:/jobs/one\n2:cpu,cpuacct:/\n"
SECOND = "0::/jobs/one\n"


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine whose kernel counts what it is told to."""
    monkeypatch.setattr(module, "PROC", tmp_path / "proc")
    monkeypatch.setattr(module, "CGROUPS", tmp_path / "cgroups")
    say(tmp_path / "proc/vmstat", 3)
    return tmp_path


def say(counter, count):
    counter.parent.mkdir(parents=True, exist_ok=True)
    counter.write_text(f"nr_free_pages 12\noom_kill_disable 0\noom_kill {count}\nother 7\n")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, Death("exited with status 0", outside=False)),
        (3, Death("exited with status 3", outside=False)),
        (-signal.SIGSEGV, Death("killed by SIGSEGV", outside=False)),
        (
            -signal.SIGBUS,
            Death(
                "killed by SIGBUS: a file that it reads was cut off meanwhile, or is on a failing disk", outside=False
            ),
        ),
        (-signal.SIGABRT, Death("killed by SIGABRT", outside=False)),
        (-signal.SIGKILL, Death("killed by SIGKILL", outside=True)),
        (-signal.SIGTERM, Death("killed by SIGTERM", outside=True)),
    ],
)
def test_statuses(status, expected):
    assert explain(status, MemoryKills()) == expected


def test_the_kernels_kill_is_told_from_a_persons(machine):
    kills = MemoryKills()
    say(machine / "proc/vmstat", 4)
    assert explain(-signal.SIGKILL, kills) == Death("killed by the kernel for want of memory", outside=False)
    assert explain(-signal.SIGTERM, kills) == Death("killed by SIGTERM", outside=True)


@pytest.mark.parametrize(
    ("groups", "counter"),
    [
        (FIRST, "cgroups/memory/jobs/one/memory.oom_control"),
        (FIRST, "cgroups/memory/memory.oom_control"),
        (SECOND, "cgroups/jobs/one/memory.events"),
        (SECOND, "cgroups/memory.events"),
    ],
)
def test_a_kill_in_another_group_is_not_this_ones(machine, groups, counter):
    (machine / "proc/77").mkdir(parents=True)
    (machine / "proc/77/cgroup").write_text(groups)
    say(machine / counter, 0)
    kills = MemoryKills(77)
    say(machine / "proc/vmstat", 4)
    assert not kills.more
    say(machine / counter, 1)
    assert kills.more


def test_a_counter_that_is_not_there_counts_nothing(machine):
    (machine / "proc/vmstat").unlink()
    assert not MemoryKills().more
