"""One suite over every row of the objectives: what searches, tables, races and reports may rely on."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sweeper.cli.options import choice
from sweeper.config.metrics import METRICS
from sweeper.errors import InputError
from sweeper.jobs.confirm.confirmation import race_of
from sweeper.jobs.scores import measure_of
from sweeper.jobs.shared.evidence import expected
from sweeper.study import objectives
from sweeper.study.objectives import OBJECTIVES, SCORES, Objective, better, constraint, measured, rank
from sweeper.study.search import samplers
from sweeper.study.search.samplers import check_objectives
from sweeper.study.study_record import load_study
from sweeper.trial import Scores, TrialResult
from tests.study.helpers import carry_out, plan

COMMANDS = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
SCORED = Scores((0.5, 0.7), (0.8, 0.9), dict.fromkeys(METRICS, (0.3, 0.5)))
RESULT = TrialResult("s/0", "finished", 5, SCORED, SCORED, {"train": 2.0}, 2, parameters=100)
RECALL = Objective(
    "validation.recall",
    "maximize",
    lambda result, _: None if result.validation is None else sum(result.validation.accuracy) / 2,
    lambda scores: scores.accuracy,
    label="Recall",
    limits=(0.0, 1.0),
)
"""Neither accuracy nor a loss: more of it is better, and it is no share of the examples."""

every = pytest.mark.parametrize("name", OBJECTIVES.names)
scores = pytest.mark.parametrize("name", SCORES)


@pytest.fixture
def recall(monkeypatch):
    """A row more."""
    monkeypatch.setitem(OBJECTIVES, RECALL.name, RECALL)
    for module in (objectives, samplers):
        monkeypatch.setattr(module, "SCORES", (*SCORES, RECALL.name))
    return RECALL.name


@every
def test_it_has_a_value_or_none_where_nothing_is_known(name):
    assert isinstance(measured(name, RESULT, 2), float)
    assert measured(name, TrialResult("s/0", "failed"), 2) is None
    assert measured(name, None) is None


@every
def test_the_better_value_ranks_higher(name):
    row = OBJECTIVES[name]
    assert (row.rank(0.9) > row.rank(0.1)) is (row.direction == "maximize")
    at_the_bad_end = row.limits[0] if row.maximize else row.limits[1]
    assert row.worst([0.2, 0.4]) in {at_the_bad_end, min([0.2, 0.4], key=row.rank)}
    assert row.rank(row.worst([0.2, 0.4])) <= min(row.rank(0.2), row.rank(0.4))


@every
def test_its_limits_hold_its_values(name):
    low, high = OBJECTIVES[name].limits
    assert low <= measured(name, RESULT, 2) <= high


@every
def test_it_can_be_shown(name):
    measure = measure_of(name)
    assert (measure.name, measure.maximize) == (OBJECTIVES[name].label, OBJECTIVES[name].maximize)
    assert measure.name
    assert format(0.5, OBJECTIVES[name].digits)


@every
def test_it_can_be_typed_is_in_the_documents_and_makes_a_constraint(name):
    assert choice("objective", OBJECTIVES)["parser"](name) == name
    help_text = re.search("--objective NAME.*?--constraint", COMMANDS.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert re.search(rf"\b{name}\b[,)]", help_text)
    assert constraint(f"{name}<=1").measure == name


@scores
def test_a_score_is_the_mean_over_members(name):
    row = OBJECTIVES[name]
    assert row.score(SCORED) == measured(name, RESULT, 2)
    assert len(row.members(SCORED)) == 2


@scores
def test_the_best_of_a_search_is_the_best_by_it(name, tmp_path):
    _check_search(name, tmp_path)


def test_a_row_more_is_searched_for_like_the_others(recall, tmp_path):
    _check_search(recall, tmp_path)


def test_an_unknown_name_raises_with_the_nearest():
    with pytest.raises(InputError, match="there is no objective 'second'; did you mean seconds"):
        check_objectives("validation.loss", ("second",), "tpe")


def trained(group, report, stopped):
    """Loss and accuracy rise together, so that the two have different winners."""
    found = []
    for spec in group:
        rate = spec.config["learning_rate"]
        scored = Scores((rate, rate), (rate / 2, rate / 2), dict.fromkeys(METRICS, (rate, rate)))
        found.append(replace(RESULT, key=spec.key, train=scored, validation=scored))
    return found


def _check_search(name, runs):
    row = objectives.OBJECTIVES[name]
    outcome, ended = carry_out(plan(12, objective=name), runs, trained)
    rates = {trial.number: trial.values["learning_rate"] for trial in ended}
    winner = (max if row.maximize else min)(rates, key=rates.__getitem__)
    record = load_study(runs, "s")
    assert outcome.best.number == winner == record.leaders(1)[0].number
    assert better(outcome.best, ended[0] if ended[0].number != winner else ended[1], name)
    assert max(record.trials, key=lambda trial: rank(trial, name)).number == winner
    curve = expected(record)
    assert (curve.expected[-1] > curve.expected[0]) is row.maximize
    race = race_of({1: [0.2, 0.2, 0.2], 2: [0.8, 0.8, 0.8]}, record)
    assert race.leader == ("2" if row.maximize else "1")
