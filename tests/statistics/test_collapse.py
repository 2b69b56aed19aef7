from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sweeper.statistics import collapsed, collapses, unseen

GOOD = [0.971, 0.970, 0.969, 0.972]


def _seen(*scores):
    return [int(flags.sum()) for flags in collapsed({str(n): each for n, each in enumerate(scores)}).values()]


def test_runs_far_below_the_others_have_collapsed():
    assert _seen([*GOOD, 0.11]) == [1]
    assert _seen([*GOOD, 0.87]) == [1]  # a lost class
    assert _seen([*GOOD, 0.45, 0.11]) == [2]
    assert _seen([0.97, 0.1, 0.1, 0.1]) == [3]
    assert collapsed({"a": [0.1, 0.97, 0.96]})["a"].tolist() == [True, False, False]


def test_runs_that_vary_have_not():
    assert _seen(GOOD) == [0]
    assert _seen([0.90, 0.84, 0.83, 0.80, 0.78]) == [0]
    assert _seen([0.97, 0.93]) == [0]
    assert _seen([0.62, 0.55, 0.50, 0.45]) == [0]
    rng = np.random.default_rng(0)
    found = collapsed({str(n): np.clip(rng.normal(0.95, 0.01, 10), 0, 1) for n in range(2000)})
    assert sum(flags.any() for flags in found.values()) <= 2


def test_a_condition_is_judged_with_those_beside_it():
    assert _seen([0.1] * 4) == [0]
    assert _seen(GOOD, [*GOOD, 0.11], [0.1] * 5, [0.6] * 5) == [0, 1, 5, 0]


def test_scores_that_are_no_accuracies_have_no_collapses():
    assert _seen([0.1, 0.2, 3.0]) == [0]


def test_the_share_of_runs_has_the_interval_of_a_share():
    some = collapses(np.array([True] + [False] * 9))
    expected = stats.binomtest(1, 10).proportion_ci(0.95)
    assert (some.seen, some.runs, some.share.low, some.share.high) == pytest.approx((1, 10, *expected))
    none = collapses(np.zeros(5, dtype=bool))
    assert (none.seen, none.share.low, none.share.high) == (0, 0.0, unseen(5))


@pytest.mark.parametrize(("runs", "share"), [(5, 0.4507), (10, 0.2589), (1, 0.95)])
def test_a_few_good_runs_leave_this_open(runs, share):
    assert unseen(runs) == pytest.approx(share, abs=1e-4)
    assert (1 - unseen(runs)) ** runs == pytest.approx(0.05)
