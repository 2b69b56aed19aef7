from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.errors import InputError
from sweeper.statistics.signflip import sign_flip_interval, sign_flip_p_value

DIFFERENCES = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=8).map(np.array)


@given(DIFFERENCES)
def test_p_value_by_all_signs(differences):
    flipped = [abs(np.dot(signs, differences)) for signs in product([1, -1], repeat=differences.size)]
    expected = np.mean(np.array(flipped) >= abs(differences.sum()))
    assert sign_flip_p_value(differences) == pytest.approx(expected)


def test_five_pairs_cannot_go_below_one_in_sixteen():
    assert sign_flip_p_value(np.array([1.0, 2, 3, 4, 5])) == pytest.approx(2 / 32)


def test_interval_by_all_subsets():
    differences = np.array([0.3, 1.1, -0.4, 2.0, 0.7, 1.5, 0.2])
    means = sorted(np.mean(c) for k in range(1, 8) for c in combinations(differences, k))
    found = sign_flip_interval(differences, 0.95)
    # 128 typical intervals, 3 of them left out on each side: 95.3 %.
    assert (found.low, found.high) == pytest.approx((means[2], means[-3]))


def test_too_few_pairs_say_how_many_it_takes():
    with pytest.raises(InputError, match="5 pairs cannot") as caught:
        sign_flip_interval(np.arange(5.0), 0.95)
    assert caught.value.hint == "6 pairs can"
    assert sign_flip_interval(np.arange(6.0), 0.95).low == 0.0


def test_many_pairs_are_sampled_and_near_the_normal():
    differences = np.random.default_rng(2).normal(0.3, 1, 60)
    found = sign_flip_interval(differences)
    half = 2.0 * differences.std(ddof=1) / 60**0.5
    assert (found.low, found.high) == pytest.approx((differences.mean() - half, differences.mean() + half), abs=0.05)
    assert found == sign_flip_interval(differences)
    assert 0 < sign_flip_p_value(differences) < 0.1
