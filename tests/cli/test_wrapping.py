"""Long lines on a terminal are broken between words, below their last column; commands stay whole."""

import io

import pytest

from sweeper.cli.layout import fitted
from sweeper.cli.render import ANSI, for_terminal, width_of, wrapped

SENTENCE = "\x1b[1mBest: trial 9, 95.60% (92.70% to 97.38%). The interval is over seeds and validation examples.\x1b[0m"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_word_is_broken_and_none_is_lost(width):
    lines = wrapped(SENTENCE, width).split("\n")
    assert max(map(width_of, lines)) <= width
    assert " ".join(lines).split() == SENTENCE.split()


def test_what_goes_on_stands_below_the_last_column():
    fact = "largest  class 0, which holds 10.1% of the examples"
    assert wrapped(fact, 30) == "largest  class 0, which holds\n         10.1% of the examples"
    assert wrapped("! a caution that is long", 16) == "! a caution that\n  is long"
    row = "*    9  0.97  hidden=[164,41] dropout=0.3 l2=0.0002"
    assert wrapped(row, 36) == "*    9  0.97  hidden=[164,41]\n              dropout=0.3 l2=0.0002"


def test_what_goes_on_stands_below_a_last_column_that_begins_right_of_the_middle():
    row = "customer_number             identifier           it numbers the rows, no two alike"
    assert wrapped(row, 80).split("\n")[1] == " " * 49 + "alike"


def test_a_last_column_that_begins_too_far_right_stands_whole_below_the_one_before():
    row = "mnist_5k    4000  a package that it needs  5,000 of MNIST's digits, 500 a class"
    assert wrapped(row, 60).split("\n") == [
        "mnist_5k    4000  a package that it needs",
        " " * 18 + "5,000 of MNIST's digits, 500 a class",
    ]
    assert wrapped(row, 100) == row


@pytest.mark.parametrize("line", ["  sweeper run hidden=[1] dropout=0.30700642751420293", "a" * 50, ""])
def test_commands_errors_and_long_words_stay_as_they_are(line):
    assert wrapped(line, 20) == line


def test_what_to_type_has_a_line_of_its_own():
    error = "error: --activation is no option: keys are typed KEY=VALUE (type: sweeper run activation=tanh)"
    first, second = wrapped(error, 60).split("\n")
    assert first == "error: --activation is no option: keys are typed KEY=VALUE"
    assert second == "  (type: sweeper run activation=tanh)"
    assert wrapped(error, 100) == error


def test_wide_letters_take_two_columns():
    assert wrapped("字字字 字字字", 7) == "字字字\n字字字"


def test_nothing_is_broken_in_a_file():
    assert for_terminal(SENTENCE, io.StringIO()) == SENTENCE


def test_a_text_that_does_not_fit_ends_with_a_clause(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    _, long, short = fitted(["name", "what"], [["a", "fresh seeds; was 97.6% when chosen"], ["b", "x" * 40]]).split(
        "\n"
    )
    assert ANSI.sub("", long) == "a     fresh seeds..."
    assert ANSI.sub("", short) == f"b     {'x' * 21}..."
