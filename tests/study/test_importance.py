"""What importances of a study say, and what they do not."""

from __future__ import annotations

import random

import numpy as np
import optuna
import pytest
from helpers import SPACE

from sweeper.study.converters import WARM, distribution, quiet_optuna
from sweeper.study.importance import ENOUGH, ENOUGH_FOR_VARIANCE, RecordImportances, importances
from sweeper.study.study_record import StudyRecord
from sweeper.trial import Trial, TrialStatus

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


def finished(number, rng):
    rate = float(rng.uniform(0.02, 0.9))
    activation = str(rng.choice(["relu", "tanh"]))
    values = {"learning_rate": rate, "dropout": float(rng.uniform(0, 0.5)), "activation": activation}
    return Trial(number, TrialStatus.FINISHED, 1 - abs(rate - 0.3), values, (), None, 0.0, 1.0)


@pytest.fixture
def record():
    rng = np.random.default_rng(1)
    facts = {"space": SPACE.to_dict(), "objective": "validation.accuracy"}
    return StudyRecord("s", facts, tuple(finished(number, rng) for number in range(4 * ENOUGH)), 0)


def test_of_any_resample_it_is_optunas(record):
    evaluate, count = RecordImportances(record).evaluator()
    assert count == 4 * ENOUGH
    kinds = {name: distribution(domain) for name, domain in SPACE.dimensions.items()}
    for indices in (np.arange(count), np.random.default_rng(0).integers(0, count, count)):
        made_study = optuna.create_study(direction="maximize")
        for index in indices:
            trial = record.trials[index]
            made = optuna.create_trial(value=trial.score, params=dict(trial.values), distributions=kinds)
            made_study.add_trial(made)
        expected = optuna.importance.get_param_importances(
            made_study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
        )
        assert evaluate(indices) == pytest.approx(expected)


def test_a_resample_of_one_score_says_nothing(record):
    evaluate, count = RecordImportances(record).evaluator()
    assert evaluate(np.zeros(count, dtype=int)) == {}
