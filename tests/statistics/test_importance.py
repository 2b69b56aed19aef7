from __future__ import annotations

import json

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.statistics import importance_uncertainty
from sweeper.trial import to_json

RNG = np.random.default_rng(0)
RATE, DEPTH = RNG.normal(size=60), RNG.normal(size=60)
SCORE = 3 * RATE + DEPTH + RNG.normal(size=60)


def by_correlation(trials):
    return {
        "depth": abs(np.corrcoef(DEPTH[trials], SCORE[trials])[0, 1]),
        "learning_rate": abs(np.corrcoef(RATE[trials], SCORE[trials])[0, 1]),
    }


def test_the_most_important_comes_first_with_its_spread():
    rate, depth = importance_uncertainty(by_correlation, 60)
    assert (rate.name, depth.name) == ("learning_rate", "depth")
    assert rate.value == pytest.approx(by_correlation(np.arange(60))["learning_rate"])
    assert rate.low <= rate.value <= rate.high
    assert rate.first == 1.0
    assert depth.high - depth.low > rate.high - rate.low
    json.dumps(to_json(rate), allow_nan=False)


def test_resamples_are_of_the_trials_and_repeat():
    seen = []

    def evaluate(trials):
        seen.append(trials)
        return {"a": float(trials.mean())}

    first = importance_uncertainty(evaluate, 10, resamples=20, seed=1)
    assert len(seen) == 21
    assert list(seen[0]) == list(range(10))
    assert all(len(draw) == 10 and draw.min() >= 0 and draw.max() < 10 for draw in seen)
    assert len({tuple(draw) for draw in seen}) > 15
    assert importance_uncertainty(evaluate, 10, resamples=20, seed=1) == first


def test_a_name_that_a_resample_lacks_counts_as_nothing():
    def evaluate(trials):
        return {"always": 1.0} | ({"sometimes": 2.0} if 0 in trials else {})

    found = {row.name: row for row in importance_uncertainty(evaluate, 5, resamples=200)}
    assert found["sometimes"].low == 0.0
    assert found["sometimes"].first == pytest.approx(1 - 0.8**5, abs=0.1)
    assert found["sometimes"].first + found["always"].first == pytest.approx(1.0)


def test_one_trial_has_no_importance():
    with pytest.raises(InputError, match="no importance"):
        importance_uncertainty(by_correlation, 1)
