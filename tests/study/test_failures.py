import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.study.attempt import UNLUCKY, Losses, Streak
from sweeper.trial import Failure
from sweeper.workers.base import WorkerLost


def test_a_trial_that_ends_its_worker_twice_is_poison():
    losses = Losses()
    losses.add(WorkerLost(("s/0",), "killed by SIGSEGV"))
    assert losses.fatal is None
    losses.add(WorkerLost(("s/0",), "exited with status 1"))
    assert losses.fatal == Failure("poison", "ended its worker 2 times: killed by SIGSEGV; exited with status 1")


def test_what_is_killed_from_outside_is_tried_again_for_long():
    losses = Losses()
    for _ in range(UNLUCKY - 1):
        losses.add(WorkerLost(("s/0",), "killed by SIGKILL", outside=True))
        assert losses.fatal is None
    losses.add(WorkerLost(("s/0",), "killed by SIGKILL", outside=True))
    assert losses.fatal is not None


@pytest.mark.parametrize(("outside", "apart"), [([True], False), ([True, True], True), ([False], True)])
def test_a_trial_is_run_alone_once_it_may_be_to_blame(outside, apart):
    losses = Losses()
    for each in outside:
        losses.add(WorkerLost(("s/0",), "killed by SIGKILL", outside=each))
    assert losses.apart is apart


def test_losses_survive_a_change_of_hands():
    losses = Losses()
    losses.add(WorkerLost(("s/0",), "killed by SIGSEGV"))
    again = Losses(**losses.to_json())
    again.add(WorkerLost(("s/0",), "killed by SIGSEGV"))
    assert again.fatal is not None


SAME = Failure("OSError", "no file /tmp/abc123, says process 77")
ALSO = Failure("OSError", "no file /tmp/abc99, says process 12345")
OTHER = Failure("ValueError", "a loss of its own")
NAN = Failure("diverged", "the loss is nan at step 3")


def test_the_same_error_in_a_row_stops_the_sweep_at_the_threshold():
    streak = Streak(3)
    assert [streak.fail(SAME, 1), streak.fail(ALSO, 2), streak.fail(SAME, 3)] == [False, False, True]


def test_another_error_or_a_success_begins_the_count_anew():
    streak = Streak(2)
    assert not streak.fail(SAME, 1)
    assert not streak.fail(OTHER, 2)
    streak.succeed()
    assert not streak.fail(OTHER, 3)
    assert streak.fail(OTHER, 4)


def test_one_group_is_one_witness():
    streak = Streak(2)
    assert not any(streak.fail(SAME, 1) for _ in range(16))
    assert streak.fail(SAME, 2)


def test_divergence_stops_a_sweep_only_where_nothing_has_ever_worked():
    fresh = Streak(2)
    assert [fresh.fail(NAN, group) for group in (1, 2)] == [False, True]
    old = Streak(2)
    old.succeed()
    assert not any(old.fail(NAN, group) for group in range(50))


@given(st.lists(st.sampled_from([SAME, OTHER, None]), max_size=30), st.integers(1, 5))
def test_the_rule_against_a_plain_count(ends, threshold):
    streak, tail = Streak(threshold), []
    for group, failure in enumerate(ends):
        if failure is None:
            streak.succeed()
            tail = []
            continue
        stopped = streak.fail(failure, group)
        tail = [*tail, failure.kind] if tail and tail[-1] == failure.kind else [failure.kind]
        assert stopped == (len(tail) >= max(threshold, 2))
        if stopped:
            return
