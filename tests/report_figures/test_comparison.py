import numpy as np
import pytest

from sweeper.report import figures
from sweeper.report.facts import Estimate, Measure
from sweeper.report.figures.style import VERDICT_COLOURS


def _texts(axes):
    return [text.get_text() for text in axes.texts]


def test_conditions_show_every_seed_the_interval_and_the_verdict(conditions):
    (axes,) = figures.conditions(conditions).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [c.name for c in conditions]
    assert _texts(axes)[0] == f"{100 * conditions[0].value:.2f}%   tie"
    seeds = [line for line in axes.lines if len(line.get_xdata()) == 6]
    assert seeds[0].get_xdata() == pytest.approx([100 * point for point in conditions[0].points])
    bars = [line for line in axes.lines if line.get_linewidth() > 3]
    assert bars[0].get_xdata() == pytest.approx([100 * conditions[0].low, 100 * conditions[0].high])
    assert seeds[0].get_color() == VERDICT_COLOURS["tie"]
    assert axes.get_xlabel() == "Validation accuracy (%)"


def test_a_condition_off_the_scale_is_said_to_be(conditions):
    (axes,) = figures.conditions(conditions).axes
    assert axes.get_xlim()[0] > 95
    assert _texts(axes).count("off the scale") == 1
    assert "92.05%   worse" in _texts(axes)


def test_long_names_are_wrapped_and_one_seed_needs_no_interval():
    (axes,) = figures.conditions(
        [Estimate("a name that is far too long for one line of a label", 0.9), Estimate("b", 0.8)]
    ).axes
    assert "\n" in axes.get_yticklabels()[0].get_text()


def test_differences_are_about_zero_in_percentage_points():
    pairs = [
        Estimate("a − b", 0.012, 0.01, 0.014, verdict="better"),
        Estimate("c − b", -0.001, -0.004, 0.002, verdict="tie"),
    ]
    (axes,) = figures.differences(pairs).axes
    low, high = axes.get_xlim()
    assert low < -0.4
    assert high > 1.4
    assert _texts(axes) == ["+1.20   better", "−0.10   tie"]
    assert "percentage points" in axes.get_xlabel()
    points = [line.get_color() for line in axes.lines if line.get_marker() == "o"]
    assert points == [VERDICT_COLOURS["better"], VERDICT_COLOURS["tie"]]


def test_what_the_bar_is_stands_within_the_figure_however_long_it_is():
    pair = Estimate("a long name of one condition − another", -0.012, -0.02, 0.001, verdict="undecided")
    over = "interval over seeds, on these examples, widened for all comparisons and analyses"
    drawn = figures.differences([pair], interval=over)
    drawn.draw_without_rendering()
    (axes,) = drawn.axes
    assert over in " ".join(axes.get_xlabel().split())
    label = axes.xaxis.label.get_window_extent()
    assert drawn.bbox.x0 <= label.x0 < label.x1 <= drawn.bbox.x1
    assert drawn.bbox.y0 <= label.y0
    assert figures.differences([pair], measure=Measure("Loss", percent=False)).axes[0].get_xlabel()


def test_a_huge_difference_does_not_hide_the_others():
    pairs = [Estimate(f"p{n}", d, d - 0.001, d + 0.001) for n, d in enumerate([0.001, -0.002, 0.003, -0.6])]
    (axes,) = figures.differences(pairs).axes
    assert axes.get_xlim()[0] > -10
    assert _texts(axes).count("off the scale") == 1


def _side(*values):
    return [Estimate(str(n), value, value - 0.01, value + 0.01) for n, value in enumerate(values)]


def test_gap_shows_both_curves_and_how_the_gap_changes():
    panels = [
        figures.GapPanel("Examples", _side(1.0, 0.99), _side(0.88, 0.975), (500, 55_000), log=True),
        figures.GapPanel("Regularisation", _side(0.99, 0.98), _side(0.97, 0.976)),
    ]
    examples, kinds = figures.gap(panels).axes
    assert (examples.get_xscale(), kinds.get_xscale()) == ("log", "linear")
    assert examples.get_title(loc="left") == "gap 12 → 1.5 points"
    assert [label.get_text() for label in examples.get_xticklabels()] == ["500", "55,000"]
    assert [label.get_text() for label in kinds.get_xticklabels()] == ["0", "1"]
    assert {"training", "validation"} == set(_texts(kinds))
    assert examples.get_ylabel() == "Accuracy (%)"


def test_gap_keeps_the_first_and_last_tick_of_many():
    sizes = [10, 11, 12, 13, 100, 900, 950, 1000]
    panel = figures.GapPanel("x", _side(*np.linspace(1, 0.9, 8)), _side(*np.linspace(0.8, 0.85, 8)), sizes, log=True)
    (axes,) = figures.gap([panel]).axes
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[0] == "10"
    assert labels[-1] == "1,000"
    assert len(labels) < 8


def test_a_gap_of_losses_has_no_points():
    panel = figures.GapPanel("x", _side(0.1), _side(0.3), (1,))
    assert figures.gap([panel], measure=Measure("Loss", percent=False, maximize=False)).axes[0].get_title(
        loc="left"
    ) == ("gap 0.2 → 0.2")


def test_confusion_colours_mistakes_and_counts_everything():
    matrix = np.array([[90, 10], [1, 99]])
    (axes,) = figures.confusion(matrix, ["cat", "dog"]).axes
    shown = axes.images[0].get_array()
    assert np.asarray(shown) == pytest.approx(np.array([[0, 0.1], [0.01, 0]]))
    assert sorted(_texts(axes)) == ["1", "10", "90", "99"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Predicted class", "True class")


@pytest.mark.parametrize("classes", [2, 10, 60])
def test_confusion_of_any_size(classes):
    matrix = np.eye(classes, dtype=np.int64) * 5
    assert figures.png(figures.confusion(matrix, [str(n) for n in range(classes)]))


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (10, 1), (23, 3)])
def test_examples_are_a_grid_with_captions(count, rows):
    images = np.zeros((count, 28, 28), np.float32)
    figure = figures.examples(images, [f"c{n}" for n in range(count)], wrong=[True] * count)
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == count
    assert figure.axes[0].get_gridspec().nrows == rows
    assert [axes.get_title(loc="center") for axes in shown] == [f"c{n}" for n in range(count)]


def test_examples_in_colour():
    assert figures.png(figures.examples(np.zeros((2, 8, 8, 3), np.float32)))
