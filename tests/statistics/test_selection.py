from __future__ import annotations

import numpy as np
import pytest

from sweeper.statistics import accuracy_noise, expected_maximum, interval_of_best, selection_bias, t_interval


@pytest.mark.parametrize(
    ("k", "mean"), [(1, 0.0), (2, np.pi**-0.5), (3, 1.5 * np.pi**-0.5), (10, 1.5387527), (100, 2.5075936)]
)
def test_expected_maximum_is_tippetts(k, mean):
    assert expected_maximum(k) == pytest.approx(mean, abs=1e-6)


def test_it_grows_like_the_root_of_the_logarithm():
    ratios = [expected_maximum(k) / np.sqrt(2 * np.log(k)) for k in (10, 1000, 10**6, 10**9)]
    assert ratios == sorted(ratios)
    assert 0.9 < ratios[-1] < 1


def test_bias_of_the_best_in_simulation():
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 0.02, (20_000, 50))
    seen = truth + rng.normal(0, 0.01, truth.shape)
    rows = np.arange(len(seen))
    flattery = (seen - truth)[rows, seen.argmax(axis=1)].mean()
    assert selection_bias([50], 0.01, 0.02).expected[0] == pytest.approx(flattery, rel=0.02)


def test_curves_and_their_scale():
    found = selection_bias([1, 2, 500], accuracy_noise(0.97, 5000))
    assert found.expected[0] == pytest.approx(0.0)
    assert found.asymptotic[0] == 0.0
    assert found.expected[2] == pytest.approx(3.0367 * (0.97 * 0.03 / 5000) ** 0.5, rel=1e-4)
    assert found.asymptotic[2] > found.expected[2]
    assert selection_bias([10], 0.0).expected == (0.0,)


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
