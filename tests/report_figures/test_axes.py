import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from sweeper.report.figures.axes import beyond, focus, numbers, plain, spread
from sweeper.report.figures.style import canvas, styled

POSITIONS = st.lists(st.floats(-50, 150, allow_nan=False), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.001, "0.001"),
        (0.25, "0.25"),
        (1000, "1,000"),
        (55_000.0, "55,000"),
        (-2, "−2"),
        (-0.5, "−0.5"),
        (1e-4, "10⁻⁴"),
        (3e-6, "3×10⁻⁶"),
        (1e8, "10⁸"),
        (97.25, "97.25"),
        (2.5e9, "2.5×10⁹"),
    ],
)
def test_plain(value, text):
    assert plain(value) == text


@given(st.floats(1e-300, 1e300))
def test_plain_is_short_whatever_the_size(value):
    assert 0 < len(plain(value)) <= 10


@given(POSITIONS, st.floats(0.5, 30))
def test_spread_keeps_apart_in_order_and_within_bounds(positions, gap):
    placed = spread(positions, gap, 0, 100)
    fits = min(gap, 100 / max(1, len(positions) - 1))
    ordered = placed[np.argsort(positions, kind="stable")]
    assert np.all(np.diff(ordered) >= fits - 1e-9)
    assert placed.min() >= -1e-9
    assert placed.max() <= 100 + 1e-9


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5, unique=True))
def test_spread_moves_nothing_that_has_room(tenths):
    positions = [10.0 * tenth for tenth in tenths]
    assert spread(positions, 10, 0, 100) == pytest.approx(positions)


@pytest.mark.parametrize("positions", [[50, 51, 52], [98, 99, 20], [0, 0, 0, 0], [40, 41, 80, 81]])
def test_spread_moves_least_by_an_independent_minimisation(positions):
    ordered = np.sort(np.asarray(positions, dtype=float))
    limits = [{"type": "ineq", "fun": lambda x, i=i: x[i + 1] - x[i] - 10} for i in range(len(ordered) - 1)]
    start = np.linspace(0, 100, len(ordered))
    bounds = [(0, 100)] * len(ordered)
    found = minimize(lambda x: ((x - ordered) ** 2).sum(), start, constraints=limits, bounds=bounds, method="SLSQP")
    assert np.sort(spread(positions, 10, 0, 100)) == pytest.approx(found.x, abs=1e-3)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.booleans())
def test_focus_shows_the_better_half(values, maximize):
    low, high = focus(values, maximize=maximize)
    assert low < high
    better = sorted(values, reverse=maximize)[: (len(values) + 1) // 2]
    assert low <= min(better)
    assert max(better) <= high


def test_focus_leaves_out_what_would_squeeze_the_rest():
    scores = [97.0, 97.2, 97.5, 97.9, 96.8, 11.3]
    low, high = focus(scores)
    assert 90 < low < 96.8
    assert high > 97.9
    assert beyond(scores, (low, high)).tolist() == [False] * 5 + [True]
    assert focus([-score for score in scores], maximize=False) == pytest.approx((-high, -low))


def test_focus_shows_all_where_that_costs_little():
    low, _ = focus([90, 92, 95, 97])
    assert low < 90


def test_focus_of_nothing_is_still_an_axis():
    assert focus([]) == (0.0, 1.0)
    assert focus([float("nan"), float("inf")]) == (0.0, 1.0)


@styled
def _axis(low, high, *, log):
    figure = canvas()
    axes = figure.subplots()
    axes.plot([low, high], [0, 1])
    numbers(axes, "x", log=log)
    return figure


def _labels(figure):
    figure.draw_without_rendering()
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    shown = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    return [label.get_text() for at, label in shown if low <= at <= high]


def test_a_logarithmic_axis_of_many_decades_names_each():
    assert _labels(_axis(1e-3, 1, log=True)) == ["0.001", "0.01", "0.1", "1"]


def test_a_logarithmic_axis_of_one_decade_names_more():
    assert {"0.05", "0.1", "0.2"} <= set(_labels(_axis(0.04, 0.3, log=True)))


def test_a_linear_axis_has_plain_numbers_without_an_offset():
    assert _labels(_axis(97.1, 97.3, log=False)) == ["97.1", "97.15", "97.2", "97.25", "97.3"]
