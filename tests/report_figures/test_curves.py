import math

import numpy as np
import pytest

from sweeper.report import figures
from sweeper.report.facts import Line, Measure
from sweeper.report.figures.style import MUTED, PALETTE
from sweeper.trial import EpochReport, Scores


def _report(step, loss, accuracy):
    scores = Scores(tuple(loss), tuple(accuracy))
    return EpochReport("k", step=step, epoch=1.0, train=scores, validation=scores, learning_rate=0.1, seconds=1.0)


def _texts(axes):
    return {text.get_text() for text in axes.texts}


def _colours(axes):
    return [line.get_color() for line in axes.lines]


def test_a_run_is_drawn_as_the_mean_over_its_seeds_with_a_band_of_all():
    history = [_report(100, (1.0, 3.0), (0.5, 0.7)), _report(200, (0.5, 1.5), (0.8, 0.9))]
    loss, accuracy = figures.learning_curves({"run": history}).axes
    assert [line.get_ydata().tolist() for line in loss.lines] == [[2.0, 1.0], [2.0, 1.0]]
    assert accuracy.lines[0].get_ydata() == pytest.approx([60, 85])
    assert accuracy.lines[0].get_xdata().tolist() == [100, 200]
    corners = loss.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (0.5, 3.0)
    assert _texts(accuracy) == {"training", "validation"}


@pytest.mark.filterwarnings("error")
def test_the_name_of_a_curve_far_off_the_axis_takes_no_room_below_it():
    good = [_report(step, (0.5,), (0.98 + step / 1000,)) for step in range(1, 9)]
    curves = {"trial 1": good, "trial 0": [_report(step, (0.7,), (0.1,)) for step in range(1, 9)]}
    drawn = figures.learning_curves(curves)
    assert figures.png(drawn)
    assert [axes.get_window_extent().height > 100 for axes in drawn.axes] == [True, True]


def test_one_seed_has_no_band():
    loss, accuracy = figures.learning_curves({"run": [_report(1, (1.0,), (0.5,)), _report(2, (0.9,), (0.6,))]}).axes
    assert not loss.collections
    assert not accuracy.collections


def test_several_runs_are_named_each_in_its_colour(curves):
    _, accuracy = figures.learning_curves(curves).axes
    assert _texts(accuracy) == set(curves)
    assert set(_colours(accuracy)) == set(PALETTE[: len(curves)])


def test_of_many_runs_the_best_are_named_and_the_rest_is_grey():
    many = {f"t{n}": [_report(1, (1.0,), (0.5,)), _report(2, (0.5,), (0.5 + n / 100,))] for n in range(20)}
    _, accuracy = figures.learning_curves(many).axes
    assert _texts(accuracy) == {"t15", "t16", "t17", "t18", "t19"}
    _, accuracy = figures.learning_curves(many, highlight=["t3"]).axes
    assert _texts(accuracy) == {"t3"}


def test_loss_over_magnitudes_gets_a_logarithmic_axis():
    wide = [_report(1, (3.0,), (0.5,)), _report(2, (0.001,), (0.9,))]
    narrow = [_report(1, (3.0,), (0.5,)), _report(2, (1.0,), (0.9,))]
    assert [axes.get_yscale() for axes in figures.learning_curves({"run": wide}).axes] == ["log", "linear"]
    assert figures.learning_curves({"run": narrow}).axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_diverged_run_is_still_drawn(bad):
    history = [_report(1, (1.0,), (0.5,)), _report(2, (bad,), (0.1,))]
    assert figures.png(figures.learning_curves({"run": history, "empty": []}))


def test_lines_keep_their_bands_names_and_axis():
    band = Line("measured", [1, 10, 100], [0.001, 0.002, 0.003], [0.0005, 0.0015, 0.0025], [0.0015, 0.0025, 0.0035])
    theory = Line("theory", [1, 10, 100], [0.001, 0.0021, 0.0029], dashed=True)
    measure = Measure("Flattery", unit="percentage points")
    (axes,) = figures.lines([band, theory], x_label="Candidates", measure=measure, log_x=True, at=[1, 10, 100]).axes
    assert axes.get_xscale() == "log"
    assert axes.get_ylabel() == "Flattery (percentage points)"
    assert axes.get_xlabel() == "Candidates"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "10", "100"]
    assert [line.get_linestyle() for line in axes.lines] == ["-", "--"]
    assert _colours(axes) == [PALETTE[0], MUTED]
    assert axes.lines[0].get_ydata() == pytest.approx([0.1, 0.2, 0.3])
    assert _texts(axes) == {"measured", "theory"}
    corners = axes.collections[0].get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx((0.05, 0.35))


def test_an_axis_of_magnitudes_has_a_place_for_zero():
    x = [0.0, 1e-4, 1e-3, 1e-2]
    (axes,) = figures.lines([Line("validation", x, [0.9, 0.92, 0.91, 0.8])], x_label="L2", log_x=True, at=x).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "10⁻⁴", "0.001", "0.01"]
    places = axes.transData.transform([(value, 80) for value in x])[:, 0]
    assert np.diff(places).min() > 0.4 * np.diff(places).max()


def test_names_at_the_ends_of_lines_do_not_overlap():
    crowd = [Line(f"line {n}", [0, 1], [0, 0.5 + n * 1e-4]) for n in range(6)]
    figure = figures.lines(crowd, x_label="x")
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = sorted((text.get_window_extent().y0, text.get_window_extent().y1) for text in axes.texts)
    heights = [high - low for low, high in boxes]
    centres = np.array([(low + high) / 2 for low, high in boxes])
    # The extent of an annotation includes its leader; half the letters' height apart is room enough to read.
    assert np.diff(centres).min() > 0
    assert len(heights) == 6
