"""Questions over folds: the seeds decide, and what the folds say is beside them, with their factor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from sweeper.errors import InputError
from sweeper.questions.analyses import answer
from sweeper.questions.ask.data import Ground
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question, load
from sweeper.questions.registry import ANALYSES
from sweeper.questions.run.forecast import forecast
from sweeper.report.answer.report import answer_document
from sweeper.report.documents.markdown import markdown_text
from sweeper.trial import Scores

SIZES = {"train": 120, "validation": 180, "test": 36}
DATA = {"name": "mine", "digest": "e" * 64, "sizes": SIZES, "folds": 3}
FOLDS = {
    "relu": np.array([[0.95, 0.97, 0.93], [0.96, 0.98, 0.93], [0.95, 0.96, 0.92]]),
    "tanh": np.array([[0.93, 0.96, 0.90], [0.94, 0.95, 0.91], [0.92, 0.96, 0.90]]),
}
"""Accuracies by condition, seed and fold."""


@pytest.fixture
def results(made_up, two):
    """Two conditions, each with three seeds over three folds."""
    made = made_up(two, {name: list(scores.mean(axis=1)) for name, scores in FOLDS.items()})
    repeats = {
        name: {
            seed: replace(trial, result=replace(trial.result, data=DATA, folds=_scores(FOLDS[name][place])))
            for place, (seed, trial) in enumerate(found.items())
        }
        for name, found in made.repeats.items()
    }
    return replace(made, repeats=repeats, data=DATA)


def _scores(accuracies):
    return tuple(Scores((0.5,), (float(each),)) for each in accuracies)


def half_width(by_fold):
    """Nadeau and Bengio (2003): (1/K + n/m) times the variance of K values, 60 rows judged for each 120 trained on."""
    return t.ppf(0.975, 2) * np.sqrt((1 / 3 + 60 / 120) * np.var(by_fold, ddof=1))


def test_intervals_have_the_factor_of_the_folds(results):
    made = answer(results)
    for condition in made.conditions:
        by_fold = FOLDS[condition.name].mean(axis=0)
        assert condition.value == pytest.approx(by_fold.mean())
        found, half = condition.interval, half_width(by_fold)
        assert found.over == "folds"
        expected = by_fold.mean() - half, min(1.0, by_fold.mean() + half)
        assert (found.low, found.high) == pytest.approx(expected)
        assert condition.over_seeds.half_width < found.half_width
    differences = (FOLDS["relu"] - FOLDS["tanh"]).mean(axis=0)
    (pair,) = made.pairs
    expected = differences.mean() - half_width(differences), differences.mean() + half_width(differences)
    assert (pair.over_folds.low, pair.over_folds.high) == pytest.approx(expected)
    assert pair.interval.over == "seeds", "the verdict goes by the seeds"
    assert made.to_json()["pairs"][0]["over_folds"]["method"] == "corrected t (Nadeau and Bengio)"


def test_the_report_says_so(results):
    text = markdown_text(answer_document(answer(results)))
    assert "over folds, 3 seeds; over seeds alone, on these examples" in text
    assert "By their folds, relu less tanh is " in text
    assert "points of accuracy with other examples to train and validate on (corrected t (Nadeau and Bengio)" in text
    assert "Each score is the mean over 3 folds" in text
    assert "| Over folds (level 95%) |" in text


def test_a_seed_that_collapsed_is_left_out_of_the_folds_too(results):
    bad = replace(results.repeats["relu"][1000].result, folds=_scores([0.3, 0.3, 0.3]), validation=_scores([0.3])[0])
    trial = replace(results.repeats["relu"][1000], result=bad)
    made = answer(replace(results, repeats={**results.repeats, "relu": {**results.repeats["relu"], 1000: trial}}))
    assert made.pairs[0].collapsed_a == 1
    differences = (FOLDS["relu"] - FOLDS["tanh"])[1:].mean(axis=0)
    assert made.pairs[0].over_folds.half_width == pytest.approx(half_width(differences))


def test_without_folds_nothing_is_said_of_any(made_up, two):
    made = answer(made_up(two, {name: list(scores[:, 0]) for name, scores in FOLDS.items()}))
    assert made.pairs[0].over_folds is None
    assert "fold" not in markdown_text(answer_document(made))


@pytest.mark.parametrize("name", ["width", "generalization", "batch-size", "output-nonlinearity", "test-tuning"])
def test_a_question_that_cannot_be_right_over_folds_says_why(name):
    question = load(name)
    with pytest.raises(InputError) as caught:
        prepare(question, ["dataset=digits", "validation.folds=3"])
    assert caught.value.message == (
        f"question {name} is answered on one validation split: {ANALYSES[question.analysis].no_folds}"
    )
    assert caught.value.key == "validation.folds"


def test_folds_of_a_question_of_ones_own_are_checked_too():
    question = Question("mine", "?", conditions={"a": (), "b": ("activation=tanh",)}, analysis="gap")
    question = replace(question, fixed=("dataset=digits", "validation.folds=3"))
    with pytest.raises(InputError, match="question mine is answered on one validation split"):
        Ground().data(prepare(question))


def test_each_fold_takes_its_time(two):
    one, three = (forecast(prepare(two, ["dataset=digits", *more]), SIZES) for more in ([], ["validation.folds=3"]))
    assert three.trials == one.trials
    assert three.total > 2 * one.total


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
def test_a_small_table_over_folds(tmp_path):
    """What was trained, from the command's own job to its report."""
    from sklearn.datasets import load_wine

    from sweeper.jobs.explore import Inquiry, explore
    from sweeper.study.study_record import load_trials

    path = tmp_path / "wine.csv"
    load_wine(as_frame=True).frame.to_csv(path, index=False)
    data = ["dataset=csv", f"dataset.path={path}", "dataset.target=target", "validation.folds=3"]
    inquiry = Inquiry(scientific=["activation=relu,tanh"], overrides=[*data, "steps=150", "repeats=2"], workers=1)
    made = explore(inquiry, runs=tmp_path / "runs")
    trials = [trial for trial in load_trials(tmp_path / "runs", made["study"]) if trial.result]
    assert len(trials) == 4
    for condition in made["conditions"]:
        own = [trial for trial in trials if trial.values["condition"] == condition["name"]]
        by_fold = np.mean([[fold.accuracy[0] for fold in trial.result.folds] for trial in own], axis=0)
        assert condition["mean"] == pytest.approx(np.mean(condition["per_seed"]))
        assert condition["mean"] == pytest.approx(by_fold.mean())
        sizes = own[0].result.data["sizes"]
        factor = 1 / 3 + sizes["validation"] / 3 / sizes["train"]
        half = t.ppf(0.975, 2) * np.sqrt(factor * np.var(by_fold, ddof=1))
        expected = max(0.0, by_fold.mean() - half), min(1.0, by_fold.mean() + half)
        assert (condition["interval"]["low"], condition["interval"]["high"]) == pytest.approx(expected)
    assert "By their folds" in (tmp_path / "runs/reports/activation/report.md").read_text()
