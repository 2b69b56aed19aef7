"""Many answers on one page."""

from __future__ import annotations

import pytest

from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.answer.together import together
from sweeper.report.facts import Provenance
from sweeper.statistics import paired, rescaled

A, B = [0.970, 0.971, 0.969, 0.972, 0.970], [0.950, 0.955, 0.951, 0.949, 0.950]


def asked(name):
    pair = paired(A, B, names=("relu", "tanh"), analyses=(5,))
    conditions = [ConditionResult("relu", 0.97, verdict="best"), ConditionResult("tanh", 0.95, verdict="worse")]
    return Answer(name, name, "", [], Provenance("sweeper", "d", "0"), conditions=conditions, pairs=[pair])


def test_a_page_of_many_says_that_one_interval_may_miss_and_offers_those_that_hold_together():
    paragraph, table = together([asked(f"q{n}") for n in range(15)])
    assert "15 questions" in paragraph.text
    assert "54%" in paragraph.text  # 1 - 0.95 ** 15
    assert len(table.rows) == 15
    one, all_of_them = paired(A, B, analyses=(5,)).interval, rescaled(paired(A, B, analyses=(5,)), 15)
    assert all_of_them.level == pytest.approx(1 - 0.05 / 15)
    assert all_of_them.low < one.low < one.high < all_of_them.high
    assert table.rows[0][-1] == f"+{100 * all_of_them.low:.2f} to +{100 * all_of_them.high:.2f}"


def test_a_single_question_needs_none():
    assert together([asked("q")]) == []
