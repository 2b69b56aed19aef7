import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.study.queue import GroupCost, ahead, weight
from sweeper.study.waiting import WaitingTrials


def next_group(waiting, **asked):
    """The first group of trials by structure, of which each is its weight."""
    queue = WaitingTrials()
    for structure, weights in waiting.items():
        for each in weights:
            queue.add(structure, (structure, each), each)
    members = queue.take(**asked)
    assert len(queue) == sum(map(len, waiting.values())) - len(members)
    ((structure, _), *_) = members
    return structure, [each for _, each in members]


def makespan(sizes, workers, limit, fixed=0.13, each=0.19):
    """Hand out trials as the driver does; when the last worker ends, by a cost with a part for each group."""
    waiting, rest = WaitingTrials(), {name: list(range(size)) for name, size in enumerate(sizes)}
    for name, size in enumerate(sizes):
        for trial in range(size):
            waiting.add(name, (name, trial), 1)
    free, running, now, groups = [0.0] * workers, [], 0.0, 0
    while waiting:
        worker = min(range(workers), key=free.__getitem__)
        now = free[worker]
        running = [(begun, end, count) for begun, end, count in running if end > now]
        left = len(waiting) + sum(c * (e - now) / (e - b) for b, e, c in running)
        trials = waiting.take(limit=limit, share=left / workers, worth=fixed / each)
        name = trials[0][0]
        assert trials == [(name, trial) for trial in rest[name][: len(trials)]]
        assert 1 <= len(trials) <= limit
        del rest[name][: len(trials)]
        free[worker] = now + fixed + each * len(trials)
        running.append((now, free[worker], len(trials)))
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


def test_more_than_the_limit_is_cut_evenly():
    assert len(next_group({"a": [1] * 17}, limit=16, share=17, worth=0)[1]) == 9
    assert len(next_group({"a": [1] * 33}, limit=16, share=33, worth=0)[1]) == 11


@pytest.mark.parametrize(("parameters", "fitting"), [(0, 16), (41_090, 16), (79_510, 8), (178_110, 3), (545_810, 1)])
def test_large_networks_have_smaller_groups(parameters, fitting):
    each = weight(1, parameters, 16)
    assert weight(3, parameters, 16) == pytest.approx(3 * each)
    assert int(16 / each) == fitting


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
    assert next_group({"a": [1], "b": [1, 1]}, limit=16, share=1.5, worth=0)[0] == "b"
    assert next_group({"a": [3], "b": [1, 1]}, limit=16, share=1.5, worth=0)[0] == "a"


@pytest.mark.parametrize(
    ("weights", "limit", "expected"), [([5] * 8, 16, 3), ([1] * 8, 16, 8), ([20, 1], 16, 1), ([8, 8, 1], 16, 2)]
)
def test_a_group_has_as_many_members_as_it_may(weights, limit, expected):
    assert len(next_group({"a": weights}, limit=limit, share=100, worth=0)[1]) == expected


@pytest.mark.parametrize(("worth", "expected"), [(0.0, 4), (3.9, 4), (4.0, 8)])
def test_a_rest_gets_a_group_of_its_own_only_where_it_is_worth_it(worth, expected):
    assert len(next_group({"a": [1] * 8}, limit=16, share=4, worth=worth)[1]) == expected


def test_what_a_group_of_its_own_costs_is_measured():
    pace = GroupCost()
    assert pace.worth == 1.0
    pace.add(total=6.0, train=4.0, trials=4)
    assert pace.worth == pytest.approx(2.0)
    for _ in range(50):
        pace.add(total=41.0, train=40.0, trials=4)
    assert pace.worth == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_nobody_waits_and_an_adaptive_sampler_is_not_blind(workers):
    far = ahead(adaptive=False, trials=50, workers=workers, group_limit=16)
    near = ahead(adaptive=True, trials=50, workers=workers, group_limit=16)
    assert far >= workers * 16
    assert 2 * workers <= near <= max(2 * workers, 50 // 4)
    assert ahead(adaptive=True, trials=50, workers=workers, group_limit=16, groups=False) == 2 * workers
    assert ahead(adaptive=True, trials=10_000, workers=workers, group_limit=16) == workers * 16
