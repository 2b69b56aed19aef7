from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeper.statistics import Interval, judge, paired, repeats_likely, repeats_needed
from sweeper.statistics.verdict import MOST_REPEATS, repeats_for_half_width
from sweeper.study.seeds import MOST_SEEDS


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.02, "better"),
        (0.0001, 0.0002, "better"),
        (-0.02, -0.001, "worse"),
        (-0.005, 0.005, "tie"),
        (0.0, 0.0, "tie"),
        (0.0, 0.004, "tie"),
        (-0.006, 0.005, "undecided"),
        (-0.1, 0.3, "undecided"),
        (0.0, 0.01, "undecided"),
    ],
)
def test_the_rule(low, high, verdict):
    interval = Interval(low, high, 0.95, "given")
    assert judge(interval) == verdict
    turned = {"better": "worse", "worse": "better"}.get(verdict, verdict)
    assert judge(interval, higher_is_better=False) == turned


@given(st.floats(1e-4, 0.02), st.sampled_from([0.9, 0.95, 0.99]))
def test_fewest_repeats_for_a_width(sd, level):
    n = repeats_for_half_width(sd, 0.004, level=level)

    def reach(repeats):
        return stats.t.ppf(0.5 + level / 2, repeats - 1) * sd / repeats**0.5

    if n is None:
        assert reach(MOST_REPEATS) >= 0.004
        return
    assert reach(n) < 0.004
    assert n == 2 or reach(n - 1) >= 0.004


def no_collapse(n):
    return np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)


@given(st.floats(-0.02, 0.02), st.floats(1e-4, 0.007), st.integers(1, 10))
def test_the_likely_repeats_do_settle(difference, sd, comparisons):
    n = repeats_likely(sd, comparisons=comparisons)
    pattern = np.resize([1.0, -1.0], n) if n % 2 == 0 else np.append(np.resize([1.0, -1.0], n - 1), 0.0)
    noise = pattern * sd / pattern.std(ddof=1)
    assert (
        paired(0.5 + difference + noise, np.full(n, 0.5), comparisons=comparisons, bad=no_collapse(n)).verdict
        != "undecided"
    )


def test_repeats_needed_depend_on_what_was_seen():
    assert repeats_needed(0.01, 0.02) < repeats_needed(0.01, 0.0) < repeats_needed(0.01, 0.0025)
    assert repeats_needed(0.01, 0.0025) == repeats_likely(0.01)
    assert repeats_needed(0.01, 0.02, comparisons=10) > repeats_needed(0.01, 0.02)


def test_beyond_reason_is_none():
    assert repeats_likely(10.0) is None
    assert MOST_REPEATS == MOST_SEEDS  # a comparison gives up where a confirmation does
    assert repeats_likely(0.01, margin=0.0) is None
    assert repeats_needed(0.01, 0.0, margin=0.0) is None
