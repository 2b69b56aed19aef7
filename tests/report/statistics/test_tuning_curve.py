from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.records import to_json
from sweeper.report.statistics import band, expected_best, tuning_curve, validity

KINDS = ["highest-density", "equal-tailed", "dkw"]
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 7, 60])
def test_bands_are_steps_from_0_to_1_around_the_sample(kind, n):
    low, high = band(n, 0.9, kind)
    assert len(low) == len(high) == n + 1
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= -1e-12).all()
    assert (low[0], high[-1]) == (0.0, 1.0)
    steps = np.arange(n + 1) / n
    assert ((low <= steps) & (steps <= high)).all()
    wider = band(n, 0.99, kind)
    assert (wider[0] <= low + 1e-9).all()
    assert (wider[1] >= high - 1e-9).all()


def test_bands_of_symmetric_kinds_are_symmetric():
    for kind in KINDS:
        low, high = band(15, 0.95, kind)
        assert list(low) == pytest.approx(list(1 - high[::-1]), abs=1e-4)


def test_dkw_is_massarts():
    low, high = band(100, 0.95, "dkw")
    reach = np.sqrt(np.log(40) / 200)
    assert low[60] == pytest.approx(0.6 - reach)
    assert high[60] == pytest.approx(0.6 + reach)


def test_highest_density_intervals_are_the_shortest():
    from sweeper.report.statistics.bands import _intervals

    ranks = np.arange(1.0, 11.0)
    low, high = _intervals(ranks, 11 - ranks, 0.95, densest=True)
    for i, rank in enumerate(ranks):
        beta = stats.beta(rank, 11 - rank)
        assert beta.cdf(high[i]) - beta.cdf(low[i]) == pytest.approx(0.95)
        tails = np.linspace(0, 0.05, 501)
        assert high[i] - low[i] <= (beta.ppf(np.minimum(1, tails + 0.95)) - beta.ppf(tails)).min() + 1e-6


def test_highest_density_is_tightest_at_the_top():
    tops = {kind: band(50, 0.95, kind)[0][-1] for kind in KINDS}
    assert tops["highest-density"] > tops["equal-tailed"] > tops["dkw"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("curve", ["mean", "median"])
def test_a_curve_rises_within_its_band(kind, curve):
    found = tuning_curve(SCORES, sampler="random", curve=curve, kind=kind)
    assert found.trials == (1, 2, 3, 4, 5, 6)
    for line in (found.best, found.low, found.high):
        assert list(line) == sorted(line)
    assert all(
        low <= best + 1e-9 <= high + 2e-9 for low, best, high in zip(found.low, found.best, found.high, strict=True)
    )
    assert found.best[-1] <= 0.95
    assert kind in found.method
    json.dumps(to_json(found), allow_nan=False)


def test_mean_and_median_of_one_trial():
    assert tuning_curve(SCORES, sampler="random").best[0] == pytest.approx(np.mean(SCORES))
    assert tuning_curve(SCORES, sampler="random", curve="median").best[0] == 0.7
    assert tuning_curve(SCORES, sampler="random").best[-1] == pytest.approx(0.95)


def test_a_loss_is_the_mirror_image():
    up = tuning_curve(SCORES, sampler="random")
    down = tuning_curve([1 - score for score in SCORES], sampler="random", higher_is_better=False)
    assert [1 - value for value in down.best] == pytest.approx(list(up.best))
    assert [1 - value for value in down.low] == pytest.approx(list(up.high))
    assert [1 - value for value in down.high] == pytest.approx(list(up.low))


def test_the_support_bounds_the_means_band():
    wide, narrow = (tuning_curve(SCORES, sampler="random", support=(0, top)) for top in (1.0, 0.96))
    assert wide.high[0] > narrow.high[0]
    assert max(narrow.high) <= 0.96
    assert wide.low == pytest.approx(narrow.low)


def test_thousands_of_trials_are_drawn_at_some_hundred_points():
    scores = np.random.default_rng(0).random(6000)
    found = tuning_curve(scores, sampler="random")
    assert (found.trials[:3], found.trials[-1]) == ((1, 2, 3), 6000)
    assert len(found.trials) <= 500
    assert "dkw" in found.method
    n = np.array(found.trials)
    assert list(found.best) == pytest.approx(list(n / (n + 1)), abs=0.02)


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


def test_what_has_no_curve():
    with pytest.raises(InputError, match="trials: 2 or more"):
        tuning_curve([0.9], sampler="random")
    with pytest.raises(InputError, match="leave the support"):
        tuning_curve([0.9, 2.3], sampler="random")
