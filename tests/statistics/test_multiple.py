from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.errors import InputError
from sweeper.statistics import compare_all, holm, paired, rank
from sweeper.trial import to_json

NOISE = np.array([0.001, -0.001, 0.0005, -0.0005, 0.0002])
OTHER = np.array([-0.0004, 0.0006, 0.0009, -0.0002, -0.0009])
RESULTS = {
    "relu": list(0.970 + NOISE),
    "tanh": list(0.9705 + OTHER),
    "sigmoid": list(0.950 + NOISE[::-1]),
    "noisy": list(0.968 + 8 * OTHER),
}


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_is_between_raw_and_bonferroni_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    for raw, corrected in zip(p_values, adjusted, strict=True):
        assert raw <= corrected + 1e-12
        assert corrected <= min(1.0, raw * len(p_values)) + 1e-12
    assert [adjusted[i] for i in np.argsort(p_values, kind="stable")] == sorted(adjusted)


def test_every_pair_is_compared_and_corrected_for_all():
    verdicts = compare_all(RESULTS)
    assert [(v.a, v.b) for v in verdicts][:3] == [("relu", "tanh"), ("relu", "sigmoid"), ("relu", "noisy")]
    assert len(verdicts) == 6
    assert all(v.comparisons == 6 for v in verdicts)
    alone = paired(RESULTS["relu"], RESULTS["sigmoid"], comparisons=6)
    assert (verdicts[1].interval, verdicts[1].verdict) == (alone.interval, alone.verdict)
    assert tuple(v.p_adjusted for v in verdicts) == holm([v.p_value for v in verdicts])


def test_a_baseline_makes_fewer_comparisons():
    verdicts = compare_all(RESULTS, "tanh")
    assert [(v.a, v.b) for v in verdicts] == [("relu", "tanh"), ("sigmoid", "tanh"), ("noisy", "tanh")]
    assert all(v.comparisons == 3 for v in verdicts)


def test_what_cannot_be_compared():
    with pytest.raises(InputError, match="one condition"):
        compare_all({"relu": [0.9, 0.8]})
    with pytest.raises(InputError, match="no condition 'gelu'") as caught:
        compare_all(RESULTS, "gelu")
    assert "relu, tanh" in caught.value.hint
    with pytest.raises(InputError, match="a has 2 scores and b 3"):
        compare_all({"a": [0.9, 0.8], "b": [0.9, 0.8, 0.7]})


def test_ranking_names_the_leader_the_tied_the_open_and_the_rest():
    found = rank(RESULTS, sizes={"relu": 100, "tanh": 200, "sigmoid": 1, "noisy": 2})
    assert found.order == ("tanh", "relu", "noisy", "sigmoid")
    assert found.leader == "tanh"
    assert (found.tied, found.undecided, found.behind) == (("relu",), ("noisy",), ("sigmoid",))
    assert found.smallest == "relu"
    assert found.groups == (("tanh", "relu", "noisy"), ("sigmoid",))
    assert found.sentence.startswith("tanh and relu: these two are tied; the smallest is relu; noisy cannot be told")
    json.dumps(to_json(found))


def test_ranking_uses_the_verdicts_that_it_is_given():
    pairs = compare_all(RESULTS)
    assert rank(RESULTS, pairs) == rank(RESULTS)


def test_three_that_are_tied_and_the_smallest():
    results = {"A": RESULTS["relu"], "B": list(0.970 + OTHER), "C": RESULTS["relu"]}
    found = rank(results, sizes={"A": 3, "B": 2, "C": 1})
    assert set(found.tied) | {found.leader} == {"A", "B", "C"}
    assert "these three are tied; the smallest is C." in found.sentence


def test_a_clear_winner():
    found = rank({"relu": RESULTS["relu"], "sigmoid": RESULTS["sigmoid"]})
    assert (found.sentence, found.smallest) == ("relu is the best.", None)
    assert found.groups == (("relu",), ("sigmoid",))


def test_a_leader_who_may_yet_be_caught():
    found = rank({"relu": [0.97, 0.96, 0.95], "noisy": [0.96, 0.97, 0.93]})
    assert found.sentence.startswith("relu leads; noisy cannot be told from relu yet (about ")


def test_of_losses_the_lowest_leads():
    found = rank({"low": list(0.1 + NOISE), "high": list(0.3 + OTHER)}, higher_is_better=False)
    assert (found.leader, found.behind) == ("low", ("high",))


def test_what_collapses_in_one_condition_is_a_collapse_in_the_others():
    mixed = [*RESULTS["relu"][:4], 0.11]
    found = {(v.a, v.b): v for v in compare_all({"relu": RESULTS["relu"], "mixed": mixed, "broken": [0.1] * 5})}
    assert (found["relu", "broken"].collapsed_a, found["relu", "broken"].collapsed_b) == (0, 5)
    assert found["relu", "broken"].verdict == "better"
    assert found["relu", "mixed"].verdict == "undecided"


def test_identical_are_those_of_one_configuration_alone():
    results = {"A": RESULTS["relu"], "B": RESULTS["relu"], "C": RESULTS["relu"]}
    a_b, a_c, _ = compare_all(results, alike={"A": "one", "B": "one", "C": "other"}, resolution=1 / 5000)
    assert (a_b.interval.half_width, a_b.unseen) == (0.0, 0.0)
    assert a_c.interval.half_width > 0


def test_the_luck_of_two_searches_adds_as_squares():
    [found] = compare_all({"A": RESULTS["relu"], "B": RESULTS["tanh"]}, luck={"A": 0.003, "B": 0.004})
    assert found.luck == pytest.approx(0.005)
