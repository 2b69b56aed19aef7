"""Comparisons: what is planted is found, what is not there is not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from sweeper.questions.analyses import answer
from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.parts import compared
from sweeper.questions.ask.question import Question

SPREAD = 0.003


def around(mean, seed, count=10, spread=SPREAD):
    values = np.random.default_rng(seed).normal(mean, spread, count)
    return list(np.round(values, 4))


def verdicts(made):
    return {(pair.a, pair.b): pair.verdict for pair in made.pairs}


@pytest.fixture
def drawn(monkeypatch):
    """Figures cost most of the time and are looked at elsewhere."""
    for name in ("figure_of_conditions", "figure_of_pairs", "figure_along"):
        monkeypatch.setattr(f"sweeper.questions.analyses.conditions.{name}", lambda *_: None)


def test_a_planted_difference_is_found(made_up, two, drawn):
    made = answer(made_up(two, {"relu": around(0.97, 1), "tanh": around(0.95, 2)}))
    assert verdicts(made) == {("relu", "tanh"): "better"}
    assert [condition.verdict for condition in made.conditions] == ["best", "worse"]
    assert made.pairs[0].difference == pytest.approx(0.02, abs=0.003)
    leader, behind, runs = made.sentences
    assert runs.endswith("10 good runs do not exclude that up to 26% of runs collapse.")
    assert leader.startswith("Here relu is best: it has 97")
    assert behind.startswith("Behind it: tanh by ")
    assert f"{100 * made.pairs[0].difference:.2f} percentage points" in behind


def test_it_is_found_whichever_way_round(made_up, two, drawn):
    made = answer(made_up(two, {"relu": around(0.95, 1), "tanh": around(0.97, 2)}))
    assert verdicts(made) == {("relu", "tanh"): "worse"}
    low, high = made.pairs[0].interval.low, made.pairs[0].interval.high
    assert low < high < 0
    assert f"(95% interval {-100 * high:.2f} to {-100 * low:.2f}, over seeds on these examples" in made.sentences[1]


def test_the_same_condition_twice_is_a_tie(made_up, drawn):
    twice = Question("aa", "Is a better than a?", conditions={"a": (), "b": ()})
    scores = around(0.96, 3)
    made = answer(made_up(twice, {"a": scores, "b": scores}))
    assert verdicts(made) == {("a", "b"): "tie"}
    assert made.pairs[0].difference == 0
    assert made.sentences[1].startswith("Tied with it: b")
    assert [condition.verdict for condition in made.conditions] == ["leads", "tie"]


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "c", "d"]])
def test_equal_conditions_are_seldom_told_apart(made_up, with_scores, names):
    # 300 experiments in which nothing differs but chance: any verdict of better or worse is a false alarm.
    question = Question("aa", "Is one better?", conditions=dict.fromkeys(names, ()))
    results = made_up(question, {name: [0.9] * 8 for name in names})
    rng, alarms, experiments = np.random.default_rng(5), 0, 300
    for _ in range(experiments):
        hits = rng.binomial(288, np.clip(rng.normal(0.9, 0.01, (len(names), 8)), 0, 1))
        pairs, _ = compared(
            with_scores(results, {name: list(row / 288) for name, row in zip(names, hits, strict=True)})
        )
        alarms += any(pair.verdict in {"better", "worse"} for pair in pairs)
    assert alarms <= binom.ppf(0.999, experiments, 0.05)


def test_close_and_surely_so_is_a_tie(made_up, two, drawn):
    made = answer(made_up(two, {"relu": around(0.96, 1, 20, 0.001), "tanh": around(0.96, 2, 20, 0.001)}))
    assert verdicts(made) == {("relu", "tanh"): "tie"}
    assert "less than 0.5 percentage points apart" in " ".join(made.sentences)


def test_too_little_known_is_undecided_and_says_what_it_would_take(made_up, two, drawn):
    made = answer(made_up(two, {"relu": [0.95, 0.96, 0.955], "tanh": [0.945, 0.95, 0.955]}))
    assert verdicts(made) == {("relu", "tanh"): "undecided"}
    assert f"about {made.pairs[0].repeats_needed} repeats give an even chance" in made.sentences[-2]


def test_numbers_beyond_reason_are_not_named(made_up, two, drawn):
    made = answer(made_up(two, {"relu": [0.95, 0.97, 0.91], "tanh": [0.94, 0.95, 0.93]}))
    assert verdicts(made) == {("relu", "tanh"): "undecided"}
    assert made.pairs[0].repeats_needed is None
    assert "no reasonable number of repeats would settle it" in made.sentences[-2]


def test_three_conditions_make_three_pairs_and_intervals_that_allow_for_them(made_up, three, drawn):
    scores = {"relu": around(0.97, 1), "tanh": around(0.95, 2), "sigmoid": around(0.9, 3)}
    made = answer(made_up(three, scores))
    assert list(verdicts(made)) == [("relu", "tanh"), ("relu", "sigmoid"), ("tanh", "sigmoid")]
    assert {pair.comparisons for pair in made.pairs} == {3}
    assert made.sentences[0].startswith(
        "With learning rate tuned for each, as the best of the same 6 draws, relu is best"
    )
    assert "allowing for 3 comparisons" in made.sentences[1]
    last = 100 * (np.mean(scores["relu"]) - np.mean(scores["sigmoid"]))
    assert made.sentences[1].endswith(f", sigmoid by {last:.2f} percentage points.")


def test_a_seed_that_failed_somewhere_is_left_out_everywhere(made_up, two, drawn):
    relu, tanh = around(0.97, 1), around(0.95, 2)
    made = answer(made_up(two, {"relu": [None, *relu[1:]], "tanh": tanh}))
    assert made.provenance.seeds == tuple(range(1001, 1010))
    assert len(made.conditions[1].points) == 9
    assert made.pairs[0].pairs == 9
    assert made.warnings == ["1 of the seeds did not finish in every condition and are left out"]


def test_a_condition_that_fails_is_named_with_its_reason_and_the_rest_compared(made_up, three, drawn):
    made = answer(made_up(three, {"relu": around(0.97, 1), "tanh": around(0.95, 2), "sigmoid": [None] * 10}))
    assert [condition.name for condition in made.conditions] == ["relu", "tanh"]
    assert list(verdicts(made)) == [("relu", "tanh")]
    reason = "(not finite: the loss is not finite at step 3)"
    assert f"sigmoid is not compared: 0 of its 10 repeats finished {reason}" in made.warnings


def test_a_condition_that_is_left_alone_is_not_compared(made_up, two, drawn):
    made = answer(made_up(two, {"relu": around(0.97, 1), "tanh": [None] * 10}))
    assert made.pairs == []
    assert made.sentences[0].startswith("Only relu could be trained: it has 97")
    assert any("tanh is not compared" in warning for warning in made.warnings)


def test_a_seed_that_trained_badly_is_pointed_out(made_up, two, drawn):
    made = answer(made_up(two, {"relu": [0.97] * 9 + [0.1], "tanh": around(0.95, 2)}))
    (warning,) = made.warnings
    assert warning.startswith("relu: 1 of 10 seeds collapsed (down to 10.00%; the median of all is 97.00%)")
    relu = made.conditions[0]
    assert relu.interval.high <= 1
    assert (relu.value, relu.median, relu.mean_of_all) == pytest.approx((0.97, 0.97, 0.883))
    assert relu.over_seeds.half_width < 0.01
    assert "counted apart, and not averaged into the others: 1 of 10 with relu" in made.sentences[-1]


def test_seeds_that_are_merely_spread_are_not(made_up, two, drawn):
    made = answer(made_up(two, {"relu": [0.35, 0.42, 0.47, 0.52, 0.61], "tanh": [0.4, 0.41, 0.43, 0.44, 0.45]}))
    assert made.warnings == []


def test_what_hidden_layers_alone_have_is_not_asked_of_a_network_without(made_up, two, drawn):
    flat = replace(two, fixed=(*two.fixed, "hidden=[]"))
    made = answer(made_up(flat, {"relu": [0.94] * 5, "tanh": [0.94] * 5}))
    assert "these networks have no hidden layers, and activation has no effect there" in made.warnings


def test_doubts_about_the_search_are_said(made_up, three, drawn):
    rates = [0.01, 0.03, 0.1, 0.3]
    search = {
        name: [({"learning_rate": rate}, None if rate > 0.2 else 0.9) for rate in rates] for name in ("relu", "tanh")
    }
    chosen = {"relu": {"learning_rate": 0.01}, "tanh": {"learning_rate": 0.1}}
    scores = {name: around(0.97, 1) for name in ("relu", "tanh", "sigmoid")}
    made = answer(made_up(replace(three, budget=30), scores, search=search, chosen=chosen))
    failed, edge = made.warnings
    assert failed.startswith("in the search, 2 of 8 trials failed")
    assert edge.startswith("relu: the best learning_rate found, 0.01, is at the edge of its range")


def test_few_draws_are_said(made_up, three, drawn):
    made = answer(made_up(replace(three, budget=9), {name: around(0.97, 1) for name in ("relu", "tanh", "sigmoid")}))
    [warning] = made.warnings
    assert warning.startswith("learning_rate was searched with only 3 draws for each condition: what other draws would")
    assert warning.endswith("more budget makes the comparison fairer")


def test_figures_are_drawn_and_named_for_the_question(made_up):
    rates = Question("rates", "Which?", scientific={"learning_rate": "0.01,0.1,1.0"}, label="learning rate {}")
    made = compare(made_up(rates, {"0.01": around(0.9, 1, 8), "0.1": around(0.95, 2, 8), "1.0": around(0.92, 3, 8)}))
    assert [figure.name for figure in made.figures] == ["rates-along", "rates-conditions", "rates-pairs"]
    assert all(figure.png.startswith(b"\x89PNG") and figure.alt and figure.caption for figure in made.figures)
    assert "learning rate 0.1 is best" in made.sentences[0]


def test_the_answer_as_json_has_what_a_script_needs(made_up, two, drawn):
    document = compare(made_up(two, {"relu": around(0.97, 1), "tanh": around(0.95, 2)}))
    (pair,) = replace(document, figures=()).to_json()["pairs"]
    assert {"a", "b", "difference", "interval", "verdict", "probability_of_improvement"} <= pair.keys()
    assert {"low", "high", "level"} <= pair["interval"].keys()


def test_earlier_analyses_of_the_same_question_are_paid_for(made_up, two, drawn):
    results = made_up(two, {"relu": around(0.97, 1), "tanh": around(0.95, 2)})
    [once], _ = compared(results)
    [again], _ = compared(replace(results, earlier=(5,)))
    assert (once.analyses, again.analyses) == ((10,), (5, 10))
    assert once.interval.level == again.interval.level == 0.95
    assert again.interval != once.interval


def test_the_luck_of_the_search_is_in_the_intervals(made_up, three, drawn):
    rates = [0.03, 0.1, 0.3]
    search = {
        name: [({"learning_rate": rate}, score) for rate, score in zip(rates, (0.9, 0.97, 0.95), strict=True)]
        for name in ("relu", "tanh")
    }
    chosen = {name: {"learning_rate": 0.1} for name in ("relu", "tanh")}
    scores = {name: around(0.97, n) for n, name in enumerate(("relu", "tanh", "sigmoid"))}
    pairs, _ = compared(made_up(three, scores, search=search, chosen=chosen))
    assert [pair.luck > 0 for pair in pairs] == [True, True, True]
    assert pairs[0].luck == pytest.approx(0.02)  # each search's: the best is 0.02 ahead of the next, over the root of 2
    assert pairs[0].verdict == "undecided"
    assert pairs[0].repeats_likely is None
