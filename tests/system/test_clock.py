import pytest

from sweeper.system import process as module
from sweeper.system.process import AwakeClock


@pytest.fixture
def at(monkeypatch):
    """Set the machine's clock."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_it_goes_like_any_other_while_somebody_looks(at):
    clock = AwakeClock()
    for _ in range(10):
        at[0] += 1.5
        clock.now()
    assert clock.now() == pytest.approx(15.0)


def test_an_hour_asleep_counts_as_one_look(at):
    clock = AwakeClock(longest=5.0)
    at[0] += 3600
    assert clock.now() == 5.0
    at[0] += 1
    assert clock.now() == 6.0
