from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sweeper.report.comparison.comparison import Side, compared
from sweeper.report.comparison.report import comparison_answer, sentences, takes, verdicts_by
from sweeper.report.facts import Measure, Provenance
from sweeper.statistics import compare_all, mcnemar

EXAMPLES = 2000


def side(name, mean, *, seeds=5, spread=0.002, seed=0, parameters=100, bits=True):
    """Trainings whose accuracy varies by seed in the same way for every side, and a little on its own."""
    shared = np.random.default_rng(7).normal(size=50)[:seeds] * spread
    own = np.random.default_rng(seed)
    right = {(s, s): own.random(EXAMPLES) < mean + shared[s] for s in range(seeds)} if bits else {}
    scores = mean + shared + own.normal(size=seeds) * spread / 4
    accuracy = {(s, s): float(right[s, s].mean()) if bits else float(scores[s]) for s in range(seeds)}
    return Side(name, accuracy, right, parameters)


def test_the_verdict_is_that_of_the_statistics_on_the_shared_seeds():
    a, b = side("a", 0.9, bits=False), side("b", 0.92, seeds=7, seed=1, bits=False)
    found = compared([a, b], EXAMPLES)
    assert found.seeds == tuple((s, s) for s in range(5))
    scores = {"a": list(a.scores.values()), "b": list(b.scores.values())[:5]}
    [expected] = compare_all(scores, resolution=1 / EXAMPLES, analyses=(5,))
    [pair] = found.pairs
    assert pair.by_seed == expected
    assert (pair.verdict, pair.difference, pair.interval) == ("worse", expected.difference, expected.interval)
    assert found.ranking.leader == "b"


def test_a_planted_difference_of_two_points_is_found_with_five_repeats():
    hits = sum(
        compared([side("a", 0.9, seed=s, bits=False), side("b", 0.92, seed=s + 1000, bits=False)], EXAMPLES)
        .pairs[0]
        .verdict
        == "worse"
        for s in range(200)
    )
    assert hits >= 190


def test_the_same_twice_is_a_tie():
    a = side("a", 0.9)
    found = compared([a, Side("b", a.scores, a.parts, 50)], EXAMPLES)
    [pair] = found.pairs
    assert (pair.verdict, pair.difference) == ("tie", 0.0)
    assert "tied" in sentences(found)[0]
    assert found.ranking.smallest == "b"


def test_models_are_compared_by_example():
    a, b = side("a", 0.9), side("b", 0.92, seed=1)
    [pair] = compared([a, b], EXAMPLES).pairs
    assert [one.seed for one in pair.models] == [(s, s) for s in range(5)]
    assert pair.models[2].found == mcnemar(a.parts[2, 2], b.parts[2, 2])
    assert pair.over_both.low < pair.difference < pair.over_both.high
    json = pair.to_json()
    assert json["models"][0]["only_a"] + json["models"][0]["both"] == int(a.parts[0, 0].sum())
    assert json["over_seeds_and_examples"]["over"] == "seeds and examples"


def test_one_seed_says_something_of_the_models_and_nothing_of_the_configurations():
    a, b = side("a", 0.80, seeds=1), side("b", 0.95, seeds=1, seed=1)
    found = compared([a, b], EXAMPLES)
    [pair] = found.pairs
    assert (pair.verdict, found.ranking) == ("undecided", None)
    assert pair.interval == pair.models[0].found.interval
    assert pair.to_json()["models"][0]["verdict"] == "worse"
    said = " ".join(sentences(found))
    assert "a is the worse one than b" in said
    assert "--repeats 5" in said


def test_without_a_shared_seed_or_bits_nothing_is_made_up():
    a, b = side("a", 0.8, seeds=1, bits=False), Side("b", {(9, 9): 0.9})
    found = compared([a, b], EXAMPLES)
    [pair] = found.pairs
    assert (pair.difference, pair.interval, pair.verdict) == (None, None, "undecided")
    assert "share no seed" in takes(found)
    assert pair.to_json()["probability_of_improvement"] is None


def test_what_is_undecided_says_what_it_would_take():
    a, b = side("a", 0.9, seeds=3, spread=0.02, bits=False), side("b", 0.905, seeds=3, spread=0.02, seed=1, bits=False)
    found = compared([a, b], EXAMPLES)
    assert found.pairs[0].verdict == "undecided"
    assert found.repeats_needed == found.pairs[0].by_seed.repeats_needed > 3
    assert f"--repeats {found.repeats_needed}" in sentences(found)[-1]


def test_a_number_beyond_reason_is_not_named():
    a, b = side("a", 0.9, seeds=3, spread=0.07, bits=False), side("b", 0.905, seeds=3, spread=0.07, seed=1, bits=False)
    found = compared([a, b], EXAMPLES)
    assert found.pairs[0].verdict == "undecided"
    assert 3 < found.repeats_needed <= 100
    assert found.repeats_likely is None
    assert f"--repeats {found.repeats_needed}, and no reasonable number usually does." in sentences(found)[-1]


@pytest.mark.parametrize("seeds", [1, 4])
def test_the_answer_has_figures_and_tables(seeds):
    sides = [
        side(name, mean, seeds=seeds, seed=n) for n, (name, mean) in enumerate((("a", 0.9), ("b", 0.93), ("c", 0.93)))
    ]
    answer = comparison_answer(
        compared(sides, EXAMPLES), "comparison-x", Provenance("sweeper compare a b", "d", "0" * 64)
    )
    assert answer.title == "a, b and c, compared"
    assert [figure.name for figure in answer.figures] == ["pairs", "each"]
    assert len(answer.tables[0].rows) == 3 * seeds
    assert len(answer.pairs) == (3 if seeds > 1 else 0)
    verdicts = [one.verdict for one in answer.conditions]
    assert all(verdicts)
    assert sorted(verdicts) == (["leads", "undecided", "worse"] if seeds > 1 else ["undecided"] * 3)


def test_an_interval_that_leaves_out_zero_beside_an_undecided_is_said_to_decide_nothing():
    rmse = Measure("validation RMSE", percent=False, maximize=False, unit="mm", key="rmse", share=False)
    errors = np.random.default_rng(0).normal(50, 1, size=(3, 400))

    def numbers(name, shift):
        parts = {(s, s): errors[s] + shift[s] for s in range(3)}
        return Side(name, {seed: float(each.mean()) for seed, each in parts.items()}, parts)

    found = compared([numbers("a", (0.4, 1.0, 1.9)), numbers("b", (0, 0, 0))], 400, (2, 3), rmse)
    [pair] = found.pairs
    assert pair.verdict == "undecided"
    assert pair.interval.low < 0 < pair.interval.high
    assert pair.over_both.half_width < pair.interval.half_width
    assert pair.to_json()["verdict_by"] == pair.interval.over == "seeds"
    said = sentences(found)[0]
    assert said.index("over 3 shared seeds alone") < said.index("over examples, too")
    assert "which decides nothing" in said
    assert verdicts_by(found) == (
        "by the intervals over seeds alone; those over examples, too, decide nothing, however narrow"
    )


def test_one_seeds_interval_carries_no_verdict():
    found = compared([side("a", 0.80, seeds=1), side("b", 0.95, seeds=1, seed=1)], EXAMPLES)
    [pair] = found.pairs
    assert (pair.verdict, pair.verdict_by) == ("undecided", "")
    assert pair.interval.high < 0
    assert verdicts_by(found).startswith("none by one seed")


def test_with_one_seed_the_verdict_is_the_folds():
    a, b = (
        replace(side(name, mean, seeds=1), folds=folds, overlap=0.25)
        for name, mean, folds in (("a", 0.9, (0.90, 0.91, 0.89)), ("b", 0.8, (0.80, 0.81, 0.79)))
    )
    found = compared([a, b], EXAMPLES)
    assert (found.pairs[0].verdict_by, verdicts_by(found)) == ("folds", "by the intervals over folds")
