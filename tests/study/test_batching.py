import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.study.batching import ahead, next_group


def makespan(sizes, workers, limit, fixed=0.13, each=0.19):
    """Hand out trials as the driver does; when the last worker ends, by a cost with a part for each group."""
    waiting = {name: list(range(size)) for name, size in enumerate(sizes)}
    free, running, now, groups = [0.0] * workers, [], 0.0, 0
    while any(waiting.values()):
        worker = min(range(workers), key=free.__getitem__)
        now = free[worker]
        running = [(begun, end, count) for begun, end, count in running if end > now]
        left = sum(map(len, waiting.values())) + sum(c * (e - now) / (e - b) for b, e, c in running)
        rest = {name: members for name, members in waiting.items() if members}
        name, members = next_group(rest, limit=limit, left=left, workers=workers)
        assert members == waiting[name][: len(members)]
        assert 1 <= len(members) <= limit
        del waiting[name][: len(members)]
        free[worker] = now + fixed + each * len(members)
        running.append((now, free[worker], len(members)))
        groups += 1
    return max(free), min(free), groups


def test_sixteen_alike_are_halved_between_two_workers():
    last, first, groups = makespan([16], 2, 16)
    assert groups == 2
    assert last == first


def test_many_alike_use_whole_groups_until_the_end():
    _, _, groups = makespan([64], 2, 16)
    assert groups == 4


def test_one_worker_takes_everything_up_to_the_limit():
    assert makespan([16], 1, 16)[2] == 1
    assert makespan([17], 1, 16)[2] == 2


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=8),
    st.integers(1, 4),
    st.integers(1, 16),
)
def test_every_trial_runs_once_and_workers_end_together(sizes, workers, limit):
    last, _, _ = makespan(sizes, workers, limit)
    alone = 0.13 + 0.19
    ideal = sum(sizes) * 0.19 / workers
    assert last <= 2 * ideal + 3 * alone + len(sizes) * 0.13


def test_the_largest_structure_goes_first():
    assert next_group({"a": [1], "b": [1, 2]}, limit=16, left=3, workers=2)[0] == "b"


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_nobody_waits_and_an_adaptive_sampler_is_not_blind(workers):
    far = ahead(adaptive=False, trials=50, workers=workers, group_limit=16)
    near = ahead(adaptive=True, trials=50, workers=workers, group_limit=16)
    assert far >= workers * 16
    assert 2 * workers <= near <= max(2 * workers, 50 // 4)
    assert ahead(adaptive=True, trials=10_000, workers=workers, group_limit=16) == workers * 16
