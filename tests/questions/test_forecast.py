"""How long it may take: the parts add up, and what costs more is said to."""

import pytest

from sweeper.config.checks import parameters
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question, load
from sweeper.questions.run.forecast import OPERATION, OVERHEAD, STEP, forecast

SIZES = {"train": 1000, "validation": 200, "test": 100}


def of(question, *overrides):
    prepared = prepare(question, ["dataset=digits", *overrides])
    return prepared, forecast(prepared, SIZES)


def test_it_has_every_trial_in_the_order_in_which_it_is_asked():
    prepared, found = of(load("activation"), "steps=100", "repeats=3")
    points = [*prepared.search(), *prepared.repeats({c.name: prepared.draws[0] for c in prepared.conditions})]
    assert found.trials == len(points) == 45 + 9
    told = [found.costs[str(point.values["condition"]), str(point.values["phase"])] for point in points]
    assert list(found.order) == told
    assert found.total == pytest.approx(sum(told))


def test_a_trial_costs_its_steps_and_its_members():
    prepared, found = of(load("activation"), "steps=100")
    step = STEP + OPERATION * 6 * parameters(prepared.conditions[0].config) * 100
    assert found.costs["relu", "repeat"] == pytest.approx(OVERHEAD + 100 * step)
    assert found.costs["relu", "search"] == pytest.approx(OVERHEAD + 5 * 100 * step)


def test_epochs_and_batches_count():
    prepared, found = of(load("batch-size"), "epochs=2")
    one, full = (found.costs[name, "repeat"] - OVERHEAD for name in ("1", "full"))
    weights = parameters(prepared.conditions[0].config)
    assert one == pytest.approx(2000 * (STEP + OPERATION * 6 * weights))
    assert full == pytest.approx(2 * (STEP + OPERATION * 6 * weights * 1000))


def test_candidates_are_not_repeated():
    _, found = of(Question("c", "?", candidates={"dropout": "interval(0,0.1)"}, budget=7), "steps=10")
    assert found.trials == 7
