import signal

import pytest

from sweeper.study.workers import death as module
from sweeper.study.workers.death import Death, explain, out_of_memory_kills


@pytest.fixture
def kills(tmp_path, monkeypatch):
    """Set how many processes the kernel says it has killed."""
    counter = tmp_path / "vmstat"
    monkeypatch.setattr(module, "COUNTERS", (counter, tmp_path / "missing"))

    def say(count):
        counter.write_text(f"nr_free_pages 12\noom_kill {count}\nother 7\n")

    say(3)
    return say


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, Death("exited with status 0", outside=False)),
        (3, Death("exited with status 3", outside=False)),
        (-signal.SIGSEGV, Death("killed by SIGSEGV", outside=False)),
        (-signal.SIGABRT, Death("killed by SIGABRT", outside=False)),
        (-signal.SIGKILL, Death("killed by SIGKILL", outside=True)),
        (-signal.SIGTERM, Death("killed by SIGTERM", outside=True)),
    ],
)
def test_statuses(kills, status, expected):
    assert explain(status, 3) == expected


def test_the_kernels_kill_is_told_from_a_persons(kills):
    before = out_of_memory_kills()
    kills(4)
    assert explain(-signal.SIGKILL, before) == Death("killed by the kernel for want of memory", outside=False)
    assert explain(-signal.SIGTERM, before) == Death("killed by SIGTERM", outside=True)


def test_a_counter_that_is_not_there_counts_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COUNTERS", (tmp_path / "missing",))
    assert out_of_memory_kills() == 0
