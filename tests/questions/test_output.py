"""What a nonlinearity at the output does to the scores."""

import math

import numpy as np
import pytest

from sweeper.questions.analyses import answer
from sweeper.questions.analyses.output_nonlinearity import measured
from sweeper.questions.ask.question import Question
from sweeper.statistics import wilson

NAMES = ["linear", "relu", "tanh", "sigmoid"]


@pytest.fixture
def make(made_up, packed, labels):
    question = Question(
        "output", "Why?", scientific={"output_activation": ",".join(NAMES)}, analysis="output_nonlinearity"
    )
    truth = np.arange(288) % 3

    def build(lost):
        """`lost`: for each of four runs with ReLU, the class numbers of which nothing is right."""
        correct = {name: [packed(np.ones(288))] * 4 for name in NAMES}
        correct["relu"] = [packed(~np.isin(truth, classes)) for classes in lost]
        scores = {name: [0.9, 0.91, 0.92, 0.9] for name in NAMES}
        losses = {"linear": 0.1, "relu": 0.4, "tanh": 0.9, "sigmoid": 1.5}
        return made_up(question, scores, correct=correct, losses=losses, split=labels(truth))

    return build


def test_classes_that_were_lost_are_counted(make):
    relu = next(fact for fact in measured(make([[0], [], [0, 2], []])) if fact.name == "relu")
    assert relu.lost == (("zero",), (), ("zero", "two"), ())
    assert relu.loss == pytest.approx(0.4)


def test_what_is_lost_is_said_and_shown(make):
    made = answer(make([[0], [], [0, 2], []]))
    share = wilson(2, 4)
    interval = f"(95% interval {100 * share.low:.0f}% to {100 * share.high:.0f}% of runs)"
    assert any(f"in 2 of 4 runs {interval} it lost classes altogether, up to 2 of them" in s for s in made.sentences)
    row = next(row for row in made.tables[0].rows if row[0] == "relu")
    assert row[3:] == ["2 of 4", "two (1×), zero (2×)"]


def test_nothing_is_claimed_where_nothing_was_lost(make):
    sentences = " ".join(answer(make([[], [], [], []])).sentences)
    assert "here it lost no class altogether in any of 4 runs (95% interval 0% to 49% of runs)" in sentences
    assert "lost classes" not in sentences


def test_bounded_scores_bound_the_probability(make):
    surest = {fact.activation: fact.surest for fact in measured(make([[], [], [], []]))}
    # Of three classes: one at the upper end of the range, two at the lower.
    assert surest["tanh"] == pytest.approx(math.exp(1) / (math.exp(1) + 2 * math.exp(-1)))
    assert surest["sigmoid"] == pytest.approx(math.e / (math.e + 2))
    assert surest["linear"] == surest["relu"] == 1
