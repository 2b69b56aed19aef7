from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from sweeper.errors import InputError
from sweeper.statistics import Interval, interval_of_best, t_interval, wilson
from sweeper.statistics.intervals import two_sided_z
from sweeper.trial import to_json


@given(st.integers(1, 10_000), st.floats(0, 1), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_wilson_is_scipys(n, share, level):
    successes = round(share * n)
    found = wilson(successes, n, level)
    expected = stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)
    assert 0 <= found.low <= successes / n <= found.high <= 1


@pytest.mark.parametrize(("p", "n"), [(0.5, 100), (0.9, 360), (0.97, 1000), (0.97, 5000), (0.99, 10_000)])
def test_wilson_covers_exactly(p, n):
    counts = np.arange(n + 1)
    inside = [wilson(int(k), n).contains(p) for k in counts]
    assert 0.93 <= stats.binom.pmf(counts, n, p)[inside].sum() <= 0.97


def test_wilson_at_the_ends_stays_inside():
    assert wilson(0, 10).low == 0.0
    assert wilson(10, 10).high == 1.0
    assert wilson(2.5, 5).low == pytest.approx(1 - wilson(2.5, 5).high)


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 5), (6, 5), (math.nan, 5)])
def test_no_proportion(successes, n):
    with pytest.raises(InputError, match="not a proportion"):
        wilson(successes, n)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan])
def test_level_is_a_share(level):
    with pytest.raises(InputError, match="level"):
        wilson(1, 2, level)


def test_t_interval_is_scipys():
    values = [0.96, 0.97, 0.965, 0.968]
    found = t_interval(values, 0.9)
    low, high = stats.t.interval(0.9, 3, loc=np.mean(values), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert "over seeds" in found.method


@pytest.mark.parametrize("values", [[], [0.9], [0.9, math.nan], [0.9, math.inf], np.ones((2, 2))])
def test_t_interval_needs_two_finite_values(values):
    with pytest.raises(InputError):
        t_interval(values)


def test_equal_scores_have_the_spread_that_counts_can_hide():
    found = t_interval([0.97] * 3, examples=288)
    assert found.half_width == pytest.approx(stats.t.ppf(0.975, 2) / (288 * 12**0.5) / 3**0.5)
    assert (found.over, found.examples) == ("seeds", 288)
    assert t_interval([0.96, 0.97, 0.98], examples=5000).half_width == t_interval([0.96, 0.97, 0.98]).half_width


def test_interval_says_what_it_is():
    interval = Interval(-0.01, 0.03, 0.95, "Wilson")
    assert interval.half_width == pytest.approx(0.02)
    assert interval.within(0.03)
    assert not interval.within(0.02)
    assert interval.contains(0.03)
    assert not interval.contains(0.031)
    assert json.loads(json.dumps(to_json(interval))) == {
        "low": -0.01,
        "high": 0.03,
        "level": 0.95,
        "method": "Wilson",
        "over": "",
        "examples": 0,
        "chosen_on": "",
    }


def test_an_interval_of_shares_ends_at_one():
    for found in (t_interval([1.0, 1.0, 0.96], examples=25), interval_of_best([1.0, 1.0, 0.96], 3, examples=25)):
        assert found.high == 1.0
        assert found.low < 0.96
    assert t_interval([1.0, 1.0, 0.96]).high > 1.0  # numbers that may be no shares


@pytest.mark.parametrize("level", [1e-12, 0.5, 0.68, 0.9, 0.95, 0.99, 1 - 1e-9, math.nextafter(1.0, 0.0)])
def test_a_normal_interval_reaches_as_far_as_scipy_says(level):
    assert two_sided_z(level) == pytest.approx(float(ndtri(0.5 + level / 2)), rel=1e-14, abs=1e-14)


def test_the_interval_of_one_run_loads_no_scipy():
    code = (
        "import sys; import numpy as np; from sweeper.statistics.summary import summary;"
        "summary([0.9], 100, correct=np.arange(100)[None] % 10 > 0); sys.exit('scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
