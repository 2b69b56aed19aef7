"""How much choosing on the test set flatters."""

import numpy as np
import pytest

from sweeper.errors import SweeperError
from sweeper.questions.analyses import answer
from sweeper.questions.ask.question import Question


@pytest.fixture
def make(made_up, packed):
    question = Question(
        "test-tuning", "Okay?", candidates={"dropout": "interval(0,0.1)"}, budget=20, analysis="test_tuning"
    )

    def build(bits):
        results = made_up(question, {})
        from dataclasses import replace

        from sweeper.trial import Scores, Trial, TrialResult

        scores = Scores((0.1,), (0.9,))
        trials = [
            Trial(n, "finished", 0.9, {"condition": "candidates", "phase": "search"}, (),
                  TrialResult(f"s/{n}", "finished", steps=7, train=scores, validation=scores, correct=(packed(row),)),
                  1.0, 2.0)
            for n, row in enumerate(bits)
        ]  # fmt: skip
        sizes = {"train": 100, "validation": bits.shape[1], "test": 9}
        return replace(results, search={"candidates": trials}, data={**results.data, "sizes": sizes})

    return build


def test_equal_candidates_flatter_as_theory_says(make):
    bits = np.random.default_rng(1).random((200, 6000)) < 0.9
    made = answer(make(bits))
    rows = made.tables[0].rows
    assert [row[0] for row in rows] == [1, 2, 5, 10, 20, 50, 100, 200]
    measured, theory = rows[-1][1], rows[-1][3]
    assert measured == pytest.approx(theory, rel=0.15)
    # The expected largest of 200 normal numbers is 2.746; the score's noise on 1,000 examples is the binomial's.
    assert theory == pytest.approx(100 * 2.746 * (0.09 / 1000) ** 0.5, rel=0.1)
    assert made.sentences[0].startswith("No: chosen among 200 candidates by 1,000 examples, the best scores ")
    assert made.provenance.steps == 7
    assert made.warnings == []


def test_it_grows_like_the_root_of_the_logarithm(make):
    bits = np.random.default_rng(2).random((500, 9000)) < 0.8
    rows = {row[0]: row[1] for row in answer(make(bits)).tables[0].rows}
    assert rows[500] / rows[50] == pytest.approx(3.037 / 2.249, rel=0.1)
    assert rows[1] < rows[2] < rows[5] < rows[10] < rows[50] < rows[500]


def test_candidates_that_differ_widely_are_not_called_lucky(make):
    skill = np.linspace(0.1, 0.9, 40)[:, None]
    made = answer(make(np.random.default_rng(3).random((40, 900)) < skill))
    assert "differ by 23" in made.sentences[1] or "differ by 24" in made.sentences[1]
    assert made.tables[0].rows[-1][1] < 2


def test_too_few_candidates_are_an_error(make):
    with pytest.raises(SweeperError, match="9 candidates finished, and 10 are needed"):
        answer(make(np.ones((9, 90), bool)))


def test_small_data_leave_two_thirds_fresh(make):
    made = answer(make(np.random.default_rng(4).random((12, 300)) < 0.5))
    assert any("100 examples are drawn to choose by, and 200 others" in note for note in made.notes)
