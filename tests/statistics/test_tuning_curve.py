from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import expected_best, quantile_ranks, tuning_curve, validity
from sweeper.trial import to_json

SCORES = [0.9, 0.5, 0.7, 0.95, 0.6, 0.7]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_expected_best_by_all_subsets(scores):
    expected = [np.mean([max(c) for c in combinations(scores, n)]) for n in range(1, len(scores) + 1)]
    assert list(expected_best(scores)) == pytest.approx(expected)


def test_expected_best_is_unbiased():
    rng = np.random.default_rng(0)
    found = np.mean([expected_best(rng.random(10)) for _ in range(4000)], axis=0)
    n = np.arange(1, 11)
    assert list(found) == pytest.approx(n / (n + 1), abs=0.01)


@pytest.mark.parametrize("n", [2, 7, 60])
def test_ranks_bound_each_quantile_and_more_so_at_a_higher_level(n):
    probabilities = (0.3, 0.5, 0.8, 0.97)
    low, high = quantile_ranks(n, probabilities, 0.9)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert (low < high).all()
    assert ((low >= 0) & (high <= n + 1)).all()
    wider = quantile_ranks(n, probabilities, 0.99)
    assert (wider[0] <= low).all()
    assert (wider[1] >= high).all()


def test_one_quantile_alone_is_the_binomials():
    low, high = quantile_ranks(50, (0.5,))
    inside = stats.binom(50, 0.5).cdf(high[0] - 1) - stats.binom(50, 0.5).cdf(low[0] - 1)
    assert inside >= 0.95
    assert stats.binom(50, 0.5).cdf(high[0] - 2) - stats.binom(50, 0.5).cdf(low[0]) < 0.95
    assert (low[0], high[0]) == (18, 33)  # as the tables of the sign test have it


def test_quantiles_are_held_together_whatever_the_distribution():
    probabilities = tuple(0.5 ** (1 / np.arange(1, 41)))
    low, high = quantile_ranks(40, probabilities)
    rng = np.random.default_rng(5)
    for draw, distribution in ((rng.exponential, stats.expon), (rng.standard_cauchy, stats.cauchy)):
        ends = np.concatenate(
            [np.full((4000, 1), -np.inf), np.sort(draw(size=(4000, 40)), axis=1), np.full((4000, 1), np.inf)], axis=1
        )
        truth = distribution.ppf(probabilities)
        held = ((ends[:, low] <= truth) & (truth <= ends[:, high])).all(axis=1).mean()
        assert 0.94 < held < 0.96


def test_a_curve_rises_within_its_band():
    found = tuning_curve(SCORES, sampler="random")
    assert found.trials == (1, 2, 3, 4, 5, 6)
    for line in (found.expected, found.median, found.low, found.high):
        assert list(line) == sorted(line)
    assert all(low <= mid <= high for low, mid, high in zip(found.low, found.median, found.high, strict=True))
    assert found.median[-1] <= 0.95
    assert max(found.high) == 1.0  # nobody can exclude that one in six would have been perfect
    json.dumps(to_json(found), allow_nan=False)


def test_mean_and_median_of_one_trial():
    found = tuning_curve(SCORES, sampler="random")
    assert found.expected[0] == pytest.approx(np.mean(SCORES))
    assert found.median[0] == 0.7
    assert found.expected[-1] == pytest.approx(0.95)


def test_a_loss_is_the_mirror_image():
    up = tuning_curve(SCORES, sampler="random")
    down = tuning_curve([1 - score for score in SCORES], sampler="random", higher_is_better=False)
    for mine, mirrored in (("expected", "expected"), ("median", "median"), ("low", "high"), ("high", "low")):
        assert [1 - value for value in getattr(down, mine)] == pytest.approx(list(getattr(up, mirrored)))


def test_what_nothing_bounds_has_no_band():
    found = tuning_curve([0.3, 0.9, 2.5], sampler="random", limits=(0.0, np.inf), higher_is_better=False)
    assert not found.valid
    assert (found.low, found.high) == ((), ())
    assert "so few trials" in found.why
    more = np.random.default_rng(0).exponential(size=20)
    assert tuning_curve(more, sampler="random", limits=(0.0, np.inf), higher_is_better=False).valid


def test_thousands_of_trials_are_drawn_at_a_hundred_points():
    scores = np.random.default_rng(0).random(6000)
    found = tuning_curve(scores, sampler="random")
    assert (found.trials[:3], found.trials[-1]) == ((1, 2, 3), 6000)
    assert len(found.trials) == len(found.low) <= 100
    n = np.array(found.trials)
    assert list(found.expected) == pytest.approx(list(n / (n + 1)), abs=0.02)


@pytest.mark.parametrize(
    ("sampler", "counts", "valid", "text"),
    [
        ("random", {}, True, "independent"),
        ("qmc", {}, True, "evenly"),
        ("tpe", {}, False, "tpe chooses each trial by the ones before"),
        ("grid", {}, False, "band cannot be trusted"),
        ("random", {"pruned": 3}, False, "3 trials were stopped early"),
        ("random", {"chosen": 2}, False, "2 trials were chosen"),
    ],
)
def test_validity(sampler, counts, valid, text):
    found, why = validity(sampler, **counts)
    assert found is valid
    assert text in why
    curve = tuning_curve(SCORES, sampler=sampler, **counts)
    assert (curve.valid, curve.why) == (found, why)
    assert bool(curve.low) is valid


def test_what_has_no_curve():
    with pytest.raises(InputError, match="trials: 2 or more"):
        tuning_curve([0.9], sampler="random")
    with pytest.raises(InputError, match="leave the limits"):
        tuning_curve([0.9, 2.3], sampler="random")
