from __future__ import annotations

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.statistics import interval_of_best, selection_bias, t_interval


@pytest.mark.parametrize(
    ("k", "mean"), [(1, 0.0), (2, np.pi**-0.5), (3, 1.5 * np.pi**-0.5), (10, 1.5387527), (100, 2.5075936)]
)
def test_of_equal_candidates_it_is_tippetts_expected_maximum(k, mean):
    [found] = selection_bias([k], [0.01] * 200, [0.0] * 200)
    assert found == pytest.approx(0.01 * mean, abs=0.0003)


@pytest.mark.parametrize("k", [2, 10, 100])
def test_it_knows_the_shape_of_the_spread(k):
    """Many candidates close under the best: a normal distribution of the same spread gives half of the flattery."""
    rng = np.random.default_rng(1)
    truth = -0.02 * rng.exponential(1, (20_000, k))
    seen = truth + rng.normal(0, 0.01, truth.shape)
    flattery = (seen - truth)[np.arange(len(seen)), seen.argmax(axis=1)].mean()
    many = -0.02 * -np.log((np.arange(2000) + 0.5) / 2000)
    [found] = selection_bias([k], np.full(2000, 0.01), many)
    assert found == pytest.approx(flattery, rel=0.05, abs=3e-4)


def test_candidates_with_less_noise_flatter_themselves_less():
    even, less = (selection_bias([5], noise, [0.0] * 5)[0] for noise in ([0.01] * 5, [0.01, 0, 0, 0, 0]))
    assert 0 < less < even


def test_without_noise_there_is_none_and_more_than_there_are_cannot_be_chosen_among():
    assert selection_bias([1, 3], [0.0] * 3, [0.1, 0.2, 0.3]) == (0.0, 0.0)
    with pytest.raises(InputError, match="3 candidates are not 4"):
        selection_bias([4], [0.0] * 3, [0.1, 0.2, 0.3])


def test_the_best_of_two_has_the_plain_interval_and_of_more_one_that_reaches_farther_down():
    scores = [0.97, 0.972, 0.969, 0.975, 0.971]
    plain = t_interval(scores)
    for candidates in (1, 2):
        found = interval_of_best(scores, candidates)
        assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    found = interval_of_best(scores, 5)
    assert found.high == pytest.approx(plain.high)
    assert found.low == pytest.approx(t_interval(scores, level=0.98).low)
    assert "best of 5" in found.method


def test_of_losses_it_reaches_farther_up():
    scores = [0.97, 0.972, 0.969, 0.975, 0.971]
    up, down = interval_of_best(scores, 5), interval_of_best([-s for s in scores], 5, higher_is_better=False)
    assert (down.low, down.high) == pytest.approx((-up.high, -up.low))
