from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import paired
from sweeper.trial import to_json

A, B = [0.970, 0.971, 0.969, 0.972, 0.970], [0.950, 0.955, 0.951, 0.949, 0.950]


def test_paired_is_students():
    found, expected = paired(A, B), stats.ttest_rel(A, B)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high))
    assert found.verdict == "better"
    assert found.improvement.probability == 1.0
    assert (found.pairs, found.mean_a, found.mean_b) == (5, pytest.approx(0.9704), pytest.approx(0.951))


def test_comparisons_widen_the_interval_and_raise_the_p_value():
    one, ten = paired(A, B), paired(A, B, comparisons=10)
    interval = stats.ttest_rel(A, B).confidence_interval(0.995)
    assert (ten.interval.low, ten.interval.high) == pytest.approx((interval.low, interval.high))
    assert ten.interval.level == pytest.approx(0.995)
    assert ten.p_adjusted == pytest.approx(10 * one.p_value)
    assert ten.p_value == one.p_value
    assert paired(A, A[::-1], comparisons=10).p_adjusted == 1.0


def test_hedges_effect_is_the_mean_in_standard_deviations_made_smaller():
    differences = np.array(A) - np.array(B)
    expected = differences.mean() / differences.std(ddof=1) * (1 - 3 / 15)
    assert paired(A, B).effect == pytest.approx(expected)


def test_one_configuration_under_two_names_is_a_tie():
    for scores in ([0.97, 0.97], [0.97] * 5):
        found = paired(scores, list(scores), resolution=1 / 360, identical=True)
        assert found.verdict == "tie"
        assert found.difference == 0.0
        assert found.p_value == 1.0
        assert found.improvement.probability == 0.5


def test_identical_varied_results_are_a_tie_at_any_margin():
    found = paired(A, A, margin=0.0, resolution=0.01, identical=True)
    assert (found.verdict, found.interval.low, found.interval.high, found.sd) == ("tie", 0.0, 0.0, 0.0)
    assert found.effect is None


def test_equal_results_of_two_configurations_are_not_certain():
    found = paired([0.97] * 2, [0.97] * 2, resolution=1 / 360)
    assert (found.verdict, found.sd) == ("undecided", pytest.approx(1 / 360 / 6**0.5))
    assert paired([0.97] * 5, [0.97] * 5, resolution=1 / 5000).verdict == "tie"
    assert paired([0.97] * 5, [0.97] * 5, resolution=1 / 5000).interval.half_width > 0


@pytest.mark.parametrize("noise", [1e-17, 6e-8])
def test_rounding_of_floats_is_no_difference(noise):
    other = [score + noise * (1 + 0.1 * i) for i, score in enumerate(A)]
    found = paired(other, A, resolution=1 / 5000)
    assert (found.verdict, found.difference, found.improvement.probability) == ("tie", 0.0, 0.5)


def test_a_loss_is_better_when_lower():
    assert paired(A, B, higher_is_better=False).verdict == "worse"
    assert paired(B, A, higher_is_better=False).verdict == "better"
    assert paired(B, A, higher_is_better=False).improvement.probability == 1.0


def test_the_same_step_twice_on_few_examples_is_not_evidence():
    a, b = [350 / 360, 351 / 360], [349 / 360, 350 / 360]
    assert paired(a, b, resolution=1 / 360).verdict == "undecided"
    assert paired(a, b).verdict == "undecided"


def test_the_same_step_many_times_is():
    a, b = [350 / 360 + i / 3600 for i in range(6)], [340 / 360 + i / 3600 for i in range(6)]
    assert paired(a, b, resolution=1 / 360).verdict == "better"
    assert paired([1000.0] * 6, [2000.0] * 6, higher_is_better=False).verdict == "better"


def test_surely_better_by_less_than_matters_is_negligible():
    found = paired([0.9712, 0.9713, 0.9712, 0.9714], [0.9702, 0.9702, 0.9703, 0.9703])
    assert (found.verdict, found.negligible) == ("better", True)
    assert not paired(A, B).negligible


def test_undecided_says_what_it_would_take():
    a, b = [0.97, 0.96, 0.975, 0.955, 0.965], [0.965, 0.962, 0.961, 0.96, 0.964]
    found = paired(a, b)
    assert found.verdict == "undecided"
    assert found.pairs < found.repeats_needed <= found.repeats_likely
    assert paired(A, B).repeats_needed is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8),
    st.integers(1, 20),
    st.booleans(),
)
@example([(0.0, 0.0), (0.0, 5.3e-136)], 1, False)
def test_swapping_the_two_turns_the_verdict_round(pairs, comparisons, higher):
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    turned = {"better": "worse", "worse": "better", "tie": "tie", "undecided": "undecided"}
    one = paired(a, b, comparisons=comparisons, higher_is_better=higher)
    two = paired(b, a, comparisons=comparisons, higher_is_better=higher)
    assert turned[one.verdict] == two.verdict
    assert one.difference == pytest.approx(-two.difference)
    assert one.improvement.probability == pytest.approx(1 - two.improvement.probability)
    json.dumps(to_json(one), allow_nan=False)


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        ([0.9], [0.8], "A: 2 or more"),
        ([0.9, 0.8], [0.9], "B: 2 or more"),
        ([0.9, 0.8, 0.7], [0.9, 0.8], "cannot be paired"),
        ([0.9, math.nan], [0.9, 0.8], "A: score 2 is not a finite"),
    ],
)
def test_what_cannot_be_compared(a, b, text):
    with pytest.raises(InputError, match=text):
        paired(a, b)


def test_no_comparisons_is_an_error():
    with pytest.raises(InputError, match="comparisons"):
        paired(A, B, comparisons=0)


GOOD = [0.971, 0.970, 0.969, 0.972, 0.970, 0.971, 0.969, 0.970, 0.971, 0.970]
ALIKE = [0.970, 0.971, 0.970, 0.970, 0.971, 0.970, 0.970, 0.971, 0.969, 0.971]


def test_a_collapse_is_counted_and_not_averaged():
    found = paired(GOOD, [*ALIKE[:9], 0.113])
    assert (found.runs, found.pairs, found.collapsed_a, found.collapsed_b) == (10, 9, 0, 1)
    assert found.mean_b == pytest.approx(np.mean(ALIKE[:9]))
    assert found.interval.half_width < 0.005
    assert (found.verdict, found.repeats_needed, found.repeats_likely) == ("undecided", None, None)


def test_many_more_collapses_decide_where_the_other_runs_do_not_differ():
    broken = [0.11] * 7 + ALIKE[7:]
    assert paired(GOOD, broken).verdict == "better"
    assert paired(broken, GOOD).verdict == "worse"
    assert paired([0.11] * 10, GOOD).verdict == "worse"
    assert paired([0.11] * 10, [*GOOD[:9], 0.113]).verdict == "worse"


def test_better_runs_do_not_outweigh_collapses_that_the_other_side_does_not_have():
    behind = [score - 0.01 for score in ALIKE]
    assert paired(GOOD, behind).verdict == "better"
    assert paired([*GOOD[:9], 0.4], behind).verdict == "undecided"
    assert paired(GOOD, [*behind[:9], 0.4]).verdict == "better"


def test_of_losses_nothing_collapses():
    found = paired([0.1, 0.11, 0.9], [0.1, 0.12, 0.11], higher_is_better=False)
    assert (found.pairs, found.collapsed_a) == (3, 0)


def test_each_analysis_costs_and_what_an_earlier_one_found_stands():
    once, first, second = (paired(GOOD, ALIKE, analyses=steps) for steps in ((), (10,), (5, 10)))
    assert once.interval.half_width < first.interval.half_width
    halves = [
        stats.ttest_rel(GOOD[:n], ALIKE[:n]).confidence_interval(level) for n, level in ((5, 0.975), (10, 0.9875))
    ]
    low, high = max(half.low for half in halves), min(half.high for half in halves)
    assert (second.interval.low, second.interval.high) == pytest.approx((low, high))
    assert second.interval.level == 0.95
    shifted = [score - 0.002 for score in GOOD[:5]] + [score + 0.0018 for score in GOOD[5:]]
    assert paired(GOOD[:5], shifted[:5], analyses=(5,), resolution=1 / 5000).verdict == "better"
    assert paired(GOOD, shifted, analyses=(5, 10), resolution=1 / 5000).verdict == "better"


@pytest.mark.parametrize("steps", [(5, 4), (5, 12), (1, 10), (10, 10)])
def test_analyses_lead_to_the_repeats_that_there_are(steps):
    with pytest.raises(InputError, match="do not lead to 10"):
        paired(GOOD, ALIKE, analyses=steps)


def test_a_searchs_luck_widens_the_interval_as_the_squares_add():
    plain, lucky = paired(A, B), paired(A, B, luck=0.002)
    reach = (plain.interval.half_width**2 + (1.959964 * 0.002) ** 2) ** 0.5
    assert lucky.interval.half_width == pytest.approx(reach, rel=1e-6)
    assert lucky.sd == plain.sd
    assert paired(GOOD, ALIKE, luck=0.01).repeats_likely is None
