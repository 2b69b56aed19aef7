"""Sweep expressions of Hydra's grammar to domains."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.config.domains import Choice, Float, Int, domain, from_json, to_json
from sweeper.config.grammar import parse
from sweeper.errors import InputError


def read(expression, *, whole=False):
    [override] = parse([f"key={expression}"])
    return domain("key", override.value, whole=whole)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("relu,tanh", Choice(("relu", "tanh"))),
        ("choice(relu,tanh)", Choice(("relu", "tanh"))),
        ("choice([50],[100,30],[])", Choice(("[50]", "[100,30]", "[]"))),
        ("[50],[100,30]", Choice(("[50]", "[100,30]"))),
        ("0,0.2", Choice((0, 0.2))),
        ("100,full", Choice((100, "full"))),
        ("true,false", Choice(("true", "false"))),
        ("sort(3,1,2)", Choice((1, 2, 3))),
        ("interval(0.01,1)", Float(0.01, 1.0)),
        ("interval(1,5)", Float(1.0, 5.0)),
        ("tag(log,interval(1e-3,1))", Float(0.001, 1.0, log=True)),
        ("int(interval(1,5))", Int(1, 5)),
        ("tag(log,int(interval(16,256)))", Int(16, 256, log=True)),
        ("range(1,10,2)", Int(1, 9, step=2)),
        ("range(3)", Int(0, 2)),
        ("tag(log,range(1,9))", Int(1, 8, log=True)),
        ("range(0,0.5,0.1)", Float(0.0, 0.4, step=0.1)),
        ("range(0.1,1,0.3)", Float(0.1, 0.7, step=0.3)),
    ],
)
def test_each_expression_is_a_domain(expression, expected):
    assert read(expression) == expected
    assert from_json(to_json(expected)) == expected


def test_a_key_of_whole_numbers_makes_its_intervals_whole():
    assert read("interval(16,256)", whole=True) == Int(16, 256)
    assert read("tag(log,interval(16,256))", whole=True) == Int(16, 256, log=True)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("interval(1,0.1)", "key: the interval from 1 to 0.1 is reversed"),
        ("range(3,1)", "key: the range from 3 to before 1 is reversed"),
        ("range(1,1)", "key: the range from 1 to before 1 is empty"),
        ("range(1,3,0)", "key: the step of a range must be above 0"),
        ("range(9,1,-2)", "key: the step of a range must be above 0"),
        ("tag(log,interval(0,1))", "key: a log scale cannot begin at 0"),
        ("tag(log,range(1,9,2))", "key: a log scale has no steps"),
        ("tag(log,choice(1,2))", "key: a choice has no scale"),
        ("tag(lgo,interval(1,2))", "key: no such tag: lgo; did you mean log?"),
        ("relu,relu", "key: relu is given twice"),
        ("1,1.0", "key: 1.0 is given twice"),
        ("1,null", "key: null cannot be an option of a search"),
        ("1,{a:2}", "key: {'a': 2} cannot be an option of a search"),
        ("1,nan", "key: nan is not a finite number"),
        ("interval(0,inf)", "key: the ends of a range must be finite numbers"),
        ("glob(*)", "key: glob is not supported"),
        ("shuffle(1,2,3)", "key: shuffle has no meaning in a search"),
        ("shuffle(range(1,5))", "key: shuffle has no meaning in a search"),
        ("choice()", "key=choice() cannot be read: empty choice is not legal"),
    ],
)
def test_what_is_no_domain_is_one_line(expression, message):
    with pytest.raises(InputError) as caught:
        read(expression)
    assert caught.value.message.startswith(message)
    assert caught.value.key == "key"


def test_whole_keys_refuse_ends_between():
    with pytest.raises(InputError, match="must be whole"):
        read("interval(1.5,3)", whole=True)


@given(st.integers(-50, 50), st.integers(1, 200), st.integers(1, 9))
def test_a_range_of_whole_numbers_is_pythons(start, length, step):
    made = read(f"range({start},{start + length},{step})")
    assert list(made.points) == list(range(start, start + length, step))
    assert made.count == len(made.points)


@given(st.integers(-50, 50), st.integers(1, 200), st.integers(1, 9))
def test_a_range_of_tenths_has_exact_tenths(start, length, step):
    made = read(f"range({start / 10},{(start + length) / 10},{step / 10})")
    assert list(made.points) == [tenth / 10 for tenth in range(start, start + length, step)]
    assert made.count == len(made.points)


@pytest.mark.parametrize(
    ("made", "at_edge", "within"),
    [
        (Float(0.0, 0.5), (0.0, 0.009, 0.495, 0.5), (0.011, 0.25, 0.489)),
        (Float(0.01, 1.0, log=True), (0.01, 0.0109, 0.92, 1.0), (0.011, 0.1, 0.9)),
        (Int(1, 3), (1, 3), (2,)),
        (Int(16, 256, log=True), (16, 256, 250), (17, 64, 240)),
        (Choice((1, 2)), (), (1, 2)),
    ],
)
def test_edges_are_two_hundredths_of_the_range_on_its_own_scale(made, at_edge, within):
    assert [made.near_edge(value) for value in at_edge] == [True] * len(at_edge)
    assert [made.near_edge(value) for value in within] == [False] * len(within)


@pytest.mark.parametrize(
    ("made", "inside", "outside"),
    [
        (Float(0.0, 0.5), (0, 0.5), (-0.1, 0.51, math.nan, "0.1")),
        (Float(0.1, 0.9, step=0.1), (0.1, 0.7000000000000001, 0.7, 0.9), (0.75, 0.0, 1.0, math.nan, math.inf, "0.1")),
        (Int(1, 3), (1, 3, 2.0), (0, 4, 1.5, "2")),
        (Int(1, 9, step=2), (1, 9), (2, 11)),
        (Choice(("[50]", 3)), ("[50]", 3), ("[30]", 4)),
    ],
)
def test_what_lies_in_a_domain(made, inside, outside):
    assert all(made.contains(value) for value in inside)
    assert not any(made.contains(value) for value in outside)


@given(start=st.integers(-50, 50), step=st.integers(1, 30), count=st.integers(1, 40), data=st.data())
def test_what_a_sampler_adds_up_is_the_point_that_was_typed(start, step, count, data):
    made = read(f"range({start / 10},{(start + step * count) / 10},{step / 10})")
    at = data.draw(st.integers(0, made.count - 1))
    added = made.low + at * (made.step or 0)  # as Optuna does
    assert made.contains(added)
    assert made.snapped(added) == (start + step * at) / 10


def test_what_lies_between_the_points_of_a_grid_stays_what_it_is():
    assert Float(0.1, 0.9, step=0.1).snapped(0.75) == 0.75
    assert Float(0.1, 0.9).snapped(0.7000000000000001) == 0.7000000000000001
