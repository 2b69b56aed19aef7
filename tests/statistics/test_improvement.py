from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import probability_of_improvement, probability_of_improvement_unpaired, wilson

SCORES = st.lists(st.integers(0, 20), min_size=1, max_size=12)


def test_paired_counts_wins_and_half_of_ties():
    found = probability_of_improvement([3, 2, 1, 5], [1, 2, 2, 4])
    assert found.probability == 2.5 / 4
    assert found.interval == wilson(2.5, 4)
    assert probability_of_improvement([3, 2, 1, 5], [1, 2, 2, 4], higher_is_better=False).probability == 1.5 / 4


def test_unequal_lengths_cannot_be_paired():
    with pytest.raises(InputError, match="cannot be paired"):
        probability_of_improvement([1, 2], [1])


@given(SCORES, SCORES)
def test_unpaired_is_mann_and_whitneys(a, b):
    found = probability_of_improvement_unpaired(a, b)
    u = stats.mannwhitneyu(a, b, method="asymptotic").statistic if len(set(a + b)) > 1 else len(a) * len(b) / 2
    assert found.probability == pytest.approx(u / (len(a) * len(b)))
    assert 0 <= found.interval.low <= found.probability <= found.interval.high <= 1


@given(SCORES, SCORES)
def test_swapping_mirrors(a, b):
    found, swapped = probability_of_improvement_unpaired(a, b), probability_of_improvement_unpaired(b, a)
    expected = (1 - swapped.interval.high, 1 - swapped.interval.low)
    assert (found.interval.low, found.interval.high) == pytest.approx(expected, abs=1e-8)


def test_the_limits_are_z_standard_deviations_from_what_was_seen():
    rng = np.random.default_rng(1)
    found = probability_of_improvement_unpaired(rng.normal(0.5, 1, 9), rng.normal(0, 1, 7))
    for limit in (found.interval.low, found.interval.high):
        spread = 1 + (8 - 1) * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        error = (limit * (1 - limit) * spread / 63) ** 0.5
        assert abs(found.probability - limit) == pytest.approx(stats.norm.ppf(0.975) * error, abs=1e-6)


def test_always_better_is_not_certain_with_few_runs():
    found = probability_of_improvement_unpaired([5, 6, 7], [1, 2, 3])
    assert found.probability == found.interval.high == 1.0
    assert 0.2 < found.interval.low < 0.8
