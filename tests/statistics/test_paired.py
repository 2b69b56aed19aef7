from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import paired, unpaired
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


def test_unpaired_is_welchs():
    b = [*B, 0.948]
    found, expected = unpaired(A, b), stats.ttest_ind(A, b, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high))
    assert "Welch" in found.interval.method


def test_hedges_effect_is_the_mean_in_standard_deviations_made_smaller():
    differences = np.array(A) - np.array(B)
    expected = differences.mean() / differences.std(ddof=1) * (1 - 3 / 15)
    assert paired(A, B).effect == pytest.approx(expected)


@pytest.mark.parametrize("compare", [paired, unpaired])
def test_identical_results_are_a_tie(compare):
    for scores in ([0.97, 0.97], [0.97] * 5):
        found = compare(scores, list(scores), resolution=1 / 360)
        assert found.verdict == "tie"
        assert found.difference == 0.0
        assert found.p_value == 1.0
        assert found.improvement.probability == 0.5


def test_identical_varied_results_are_a_tie_at_any_margin():
    found = paired(A, A, margin=0.0, resolution=0.01)
    assert (found.verdict, found.interval.low, found.interval.high, found.sd) == ("tie", 0.0, 0.0, 0.0)
    assert found.effect is None


@pytest.mark.parametrize("noise", [1e-17, 6e-8])
def test_rounding_of_floats_is_no_difference(noise):
    other = [score + noise * (1 + 0.1 * i) for i, score in enumerate(A)]
    found = paired(other, A)
    assert (found.verdict, found.difference, found.improvement.probability) == ("tie", 0.0, 0.5)


def test_a_loss_is_better_when_lower():
    assert paired(A, B, higher_is_better=False).verdict == "worse"
    assert paired(B, A, higher_is_better=False).verdict == "better"
    assert paired(B, A, higher_is_better=False).improvement.probability == 1.0


def test_the_same_step_twice_on_few_examples_is_not_evidence():
    a, b = [350 / 360, 351 / 360], [349 / 360, 350 / 360]
    assert paired(a, b, resolution=1 / 360).verdict == "undecided"
    assert paired(a, b).verdict == "undecided"
    assert unpaired([a[0]] * 2, [b[0]] * 2).verdict == "undecided"


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
    assert found.pairs < found.repeats_needed <= found.repeats_sure
    assert paired(A, B).repeats_needed is None


def test_sign_flips_need_no_normal_distribution():
    a, b = np.array([*A, 0.971, 0.99]), np.array([*B, 0.95, 0.951])
    found = paired(a, b, method="sign-flip")
    assert (found.interval.method, found.verdict) == ("sign flips", "better")
    assert found.p_value == pytest.approx(2 / 128)
    with pytest.raises(InputError, match="sign flips"):
        paired(A, B, method="sign-flip")


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8),
    st.integers(1, 20),
    st.booleans(),
)
@example([(0.0, 0.0), (0.0, 5.3e-136)], 1, False)
def test_swapping_the_two_turns_the_verdict_round(pairs, comparisons, higher):
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    turned = {"better": "worse", "worse": "better", "tie": "tie", "undecided": "undecided"}
    for compare in (paired, unpaired):
        one = compare(a, b, comparisons=comparisons, higher_is_better=higher)
        two = compare(b, a, comparisons=comparisons, higher_is_better=higher)
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
