"""The gap between training and validation, and why accuracy is lower on new data."""

import numpy as np
import pytest

from sweeper.questions.analyses import answer
from sweeper.questions.analyses.generalization import _GapTeller
from sweeper.questions.analyses.parts import conditions
from sweeper.questions.ask.question import Question, load


def around(mean, seed, count=6, spread=0.002):
    return list(np.random.default_rng(seed).normal(mean, spread, count))


@pytest.fixture
def widths():
    return Question("width", "Wider?", scientific={"hidden": "choice([10],[20])"}, analysis="gap", label="layers {}")


def test_a_gap_that_grows_is_said_with_its_interval(made_up, widths):
    validation = {"[10]": around(0.90, 1), "[20]": around(0.92, 2)}
    train = {"[10]": around(0.91, 3), "[20]": around(0.96, 4)}
    made = answer(made_up(widths, validation, train=train))
    gaps = {name: np.subtract(train[name], validation[name]) for name in train}
    grown = 100 * (gaps["[20]"] - gaps["[10]"]).mean()
    assert f"it grows by {grown:.2f}" in made.sentences[-1]
    assert f"{100 * gaps['[10]'].mean():.2f} percentage points with layers [10]" in made.sentences[-1]
    assert made.figures[0].name == "width-gap"
    assert made.conditions[0].gap == pytest.approx(gaps["[10]"].mean())


def test_a_gap_that_shrinks(made_up, widths):
    validation = {"[10]": around(0.90, 1), "[20]": around(0.92, 2)}
    made = answer(made_up(widths, validation, train={"[10]": around(0.95, 3), "[20]": around(0.93, 4)}))
    assert "it shrinks by " in made.sentences[-1]
    assert "−" not in made.sentences[-1]


def test_a_gap_that_stays(made_up, widths):
    validation = {"[10]": around(0.90, 1), "[20]": around(0.90, 2)}
    made = answer(made_up(widths, validation, train={"[10]": around(0.95, 3), "[20]": around(0.95, 4)}))
    assert "no change is shown between the two" in made.sentences[-1]


@pytest.fixture
def asked():
    return Question(
        "generalization",
        "Why?",
        conditions={
            "baseline": (),
            "many": ("dataset.train_size=900",),
            "few": ("dataset.train_size=100",),
            "wide": ("hidden=[300,100]",),
            "narrow": ("hidden=[5]",),
            "dropout": ("dropout=0.3",),
        },
        analysis="generalization",
    )


TRUTH = {"baseline": 0.05, "many": 0.05, "few": 0.2, "wide": 0.07, "narrow": 0.03, "dropout": 0.02}


@pytest.fixture
def results(made_up, asked):
    validation = {name: around(0.9, n) for n, name in enumerate(TRUTH)}
    train = {name: list(np.add(validation[name], around(gap, 10 + n))) for n, (name, gap) in enumerate(TRUTH.items())}
    return made_up(asked, validation, train=train)


def test_each_condition_is_told_by_what_was_planted(results):
    made = answer(results)
    why, sizes, widths, regular = made.sentences
    assert "a gap of 5." in why or "a gap of 4.9" in why
    assert "with few (larger)" in sizes
    assert "with many (no difference shown)" in sizes
    assert "with wide (larger)" in widths
    assert "with narrow (smaller)" in widths
    assert "with dropout (smaller)" in regular
    assert made.figures[0].name == "generalization-gap"
    assert [row[0] for row in made.tables[0].rows] == list(TRUTH)
    assert made.tables[0].rows[0][2] is None


def test_panels_are_in_the_order_of_their_axes(results):
    sizes, widths, regular = _GapTeller(results, conditions(results)).panels()
    assert list(sizes.x) == [100, 900, 1150]
    assert sizes.log
    assert [e.name for e in widths.validation] == ["[5]", "[50,30]", "[300,100]"]
    assert [e.name for e in regular.train] == ["none", "dropout"]


def test_without_its_first_condition_it_is_a_plain_comparison(made_up, asked):
    validation = {name: [None] * 6 if name == "baseline" else around(0.9, n) for n, name in enumerate(TRUTH)}
    made = answer(made_up(asked, validation))
    assert any("baseline is not compared" in warning for warning in made.warnings)
    assert len(made.conditions) == 5


def test_the_shipped_question_begins_with_what_the_others_differ_from():
    for question in (load("generalization"), load("generalization").hurried()):
        assert next(iter(question.conditions.values())) == ()
