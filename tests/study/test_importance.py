"""What importances of a study say, and what they do not."""

from __future__ import annotations

import random

import optuna
import pytest

from sweeper.study.converters import quiet_optuna
from sweeper.study.search.importance import ENOUGH, ENOUGH_FOR_VARIANCE, importances
from sweeper.study.slots import WARM

KINDS = {name: optuna.distributions.FloatDistribution(0, 1) for name in "ab"}


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def study(own, warm=0, value=None):
    """`a` explains nearly all of the variance, and `b` alone tells the best tenth apart."""
    values, made = random.Random(1), optuna.create_study(direction="maximize")
    for number in range(warm + own):
        params = {name: values.random() for name in KINDS}
        score = 1000 * (params["a"] < 0.5) + params["b"]
        kept = {WARM: f"before:{number}"} if number < warm else {}
        trial = optuna.trial.create_trial(
            value=score if value is None else value, params=params, distributions=KINDS, user_attrs=kept
        )
        made.add_trial(trial)
    return made


def test_the_two_measures_mean_different_things():
    found = importances(study(400))
    by_best, by_variance = dict(found.best_tenth), dict(found.variance)
    assert by_best["b"] > by_best["a"]
    assert by_variance["a"] > 0.99
    assert found.variance[0][0] == "a"
    assert sum(by_best.values()) == pytest.approx(1)
    assert sum(by_variance.values()) == pytest.approx(1)


@pytest.mark.parametrize("own", [1, ENOUGH - 1])
def test_an_earlier_studys_trials_do_not_count(own):
    found = importances(study(own, warm=50))
    assert (found.best_tenth, found.variance) == ((), ())
    assert found.why == (
        f"importances need {ENOUGH} finished trials, and this study has {own}; 50 of an earlier study do not count"
    )


def test_they_do_not_change_the_numbers_either():
    with_others, alone = study(40, warm=50), study(0)
    alone.add_trials(trial for trial in with_others.trials if WARM not in trial.user_attrs)
    assert importances(with_others) == importances(alone)
    assert importances(with_others).best_tenth


def test_a_forest_needs_more_trials():
    found = importances(study(ENOUGH_FOR_VARIANCE - 1))
    assert found.best_tenth
    assert found.variance == ()


def test_equal_scores_explain_nothing():
    assert importances(study(30, value=0.5)).why.startswith("all finished trials have one score")
