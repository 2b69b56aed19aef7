from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.report import figures
from sweeper.report.facts import LOSS, Dimension, TrialRow
from sweeper.report.figures.space import _surface

RATE = Dimension("rate", 1e-3, 1.0, log=True)
WIDTH = Dimension("width", 10, 100)
KIND = Dimension("kind", choices=("a", "b", "c"))


def _trials():
    rows = [(0.01, 20, "a", 0.90), (0.1, 50, "b", 0.95), (0.5, 90, "b", 0.93), (0.05, 40, "c", 0.94)]
    return [TrialRow(n, "finished", s, {"rate": r, "width": w, "kind": k}) for n, (r, w, k, s) in enumerate(rows)]


def test_slices_have_each_its_own_scale_and_the_whole_range():
    rate, width, kind = figures.slices(_trials(), [RATE, WIDTH, KIND]).axes
    assert [axes.get_xlabel() for axes in (rate, width, kind)] == ["rate", "width", "kind"]
    assert [axes.get_xscale() for axes in (rate, width, kind)] == ["log", "linear", "linear"]
    assert rate.get_xlim()[0] < 1e-3
    assert rate.get_xlim()[1] > 1.0
    assert [label.get_text() for label in kind.get_xticklabels()] == ["a", "b", "c"]


def test_slices_show_each_trial_and_the_median_of_each_category():
    _, _, kind = figures.slices(_trials(), [RATE, WIDTH, KIND]).axes
    means = [line.get_ydata()[0] for line in kind.lines]
    assert means == pytest.approx([90, 94, 94])
    shown = np.concatenate([c.get_offsets()[:, 1] for c in kind.collections[:2]])
    assert sorted(shown) == pytest.approx([90, 93, 94, 95])


def test_slices_leave_out_trials_without_the_hyperparameter():
    trials = [*_trials(), TrialRow(4, "finished", 0.92, {"rate": 0.2})]
    rate, width, _ = figures.slices(trials, [RATE, WIDTH, KIND]).axes
    assert [sum(len(c.get_offsets()) for c in axes.collections[:2]) for axes in (rate, width)] == [5, 4]


@pytest.mark.parametrize("count", [1, 4, 7])
def test_slices_have_as_many_panels_as_dimensions(count):
    dimensions = [Dimension(f"d{n}", 0, 1) for n in range(count)]
    trials = [TrialRow(n, "finished", 0.9, {d.name: n / 3 for d in dimensions}) for n in range(3)]
    assert len(figures.slices(trials, dimensions).axes) == count


def test_contour_draws_finished_trials_over_both_ranges():
    trials = [*_trials(), TrialRow(4, "pruned", 0.1, {"rate": 0.2, "width": 30})]
    axes, bar = figures.contour(trials, RATE, WIDTH).axes
    points = axes.collections[-2]
    assert len(points.get_offsets()) == 4
    assert points.get_offsets()[0].tolist() == pytest.approx([1 / 3, 1 / 9])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.001", "0.01", "0.1", "1"]
    assert bar.get_ylabel() == "Validation accuracy (%)"


def test_contour_with_a_category_has_points_alone():
    numeric = figures.contour(_trials(), RATE, WIDTH).axes[0]
    category = figures.contour(_trials(), RATE, KIND).axes[0]
    assert len(category.collections) == len(numeric.collections) - 1
    assert [label.get_text() for label in category.get_yticklabels()] == ["a", "b", "c"]


def test_the_surface_is_a_mean_near_trials_and_nothing_far_from_them():
    surface = _surface(np.array([0.1, 0.2]), np.array([0.1, 0.2]), np.array([1.0, 3.0]))
    known = surface[np.isfinite(surface)]
    assert known.min() >= 1
    assert known.max() <= 3
    assert np.isnan(surface[-1, -1])
    assert np.isfinite(surface[24, 24])


def _threads(axes):
    """The lines of trials: width and heights of each."""
    return [
        SimpleNamespace(width=collection.get_linewidth()[0], heights=segment[:, 1])
        for collection in axes.collections
        for segment in collection.get_segments()
    ]


def test_parallel_coordinates_bring_the_best_trial_to_the_top():
    (axes,) = figures.parallel_coordinates(_trials(), [RATE, WIDTH, KIND]).axes
    lines = [line for line in _threads(axes) if len(line.heights) == 4]
    assert len(lines) == 4
    best = max(lines, key=lambda line: line.width)
    assert best.heights[0] == pytest.approx(2 / 3)
    assert best.heights[-1] == max(line.heights[-1] for line in lines)
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "rate",
        "width",
        "kind",
        "Validation accuracy (%)",
    ]


def test_thousands_of_trials_are_a_handful_of_artists():
    rng = np.random.default_rng(0)
    drawn = enumerate(rng.uniform(0.1, 0.9, (3000, 2)).tolist())
    trials = [TrialRow(n, "finished", s, {"rate": r, "width": 20}) for n, (s, r) in drawn]
    (axes,) = figures.parallel_coordinates(trials, [RATE, WIDTH]).axes
    assert len(_threads(axes)) == 3000
    assert len(axes.collections) == 3
    assert len(axes.lines) < 10
    widths = sorted((line.width, line.heights[-1]) for line in _threads(axes))
    assert [len([w for w, _ in widths if w == width]) for width in (0.7, 1.3, 2.2)] == [2700, 299, 1]
    assert max(end for width, end in widths if width == 0.7) <= min(end for width, end in widths if width == 1.3)


def test_parallel_coordinates_of_a_loss_put_the_least_first():
    (axes,) = figures.parallel_coordinates(_trials(), [RATE, WIDTH], measure=LOSS).axes
    assert max(_threads(axes), key=lambda line: line.width).heights[0] == pytest.approx(1 / 3)


def test_between_whole_numbers_there_is_none_on_an_upright_axis():
    rows = [TrialRow(n, "finished", 0.9 + n / 100, {"depth": 1 + n % 3, "rate": 0.1}) for n in range(6)]
    (axes,) = figures.parallel_coordinates(rows, [Dimension("depth", 1, 3, whole=True), RATE]).axes
    assert [text.get_text() for text in axes.texts if text.xy[0] == 0] == ["1", "2", "3"]


@pytest.mark.parametrize("score", [0.9, None])
def test_one_trial_or_none_is_drawn(score):
    trials = [TrialRow(0, "finished" if score else "failed", score, {"rate": 0.1, "width": 20, "kind": "a"})]
    for figure in (
        figures.slices(trials, [RATE, KIND]),
        figures.contour(trials, RATE, WIDTH),
        figures.parallel_coordinates(trials, [RATE, WIDTH]),
    ):
        assert figures.png(figure)


def test_a_range_of_one_value_is_drawn():
    fixed = Dimension("fixed", 2.0, 2.0)
    trials = [TrialRow(n, "finished", 0.9 + n / 100, {"fixed": 2.0, "rate": 0.1}) for n in range(5)]
    assert figures.png(figures.slices(trials, [fixed]))
    assert figures.png(figures.contour(trials, fixed, RATE))


def test_values_that_lie_outside_the_space_are_left_out_or_at_their_place():
    strange = [{"rate": 0.0, "kind": "a"}, {"rate": 5.0, "kind": "d"}, {"rate": "x", "kind": None}, {"kind": 3}]
    trials = [*_trials(), *(TrialRow(9 + n, "finished", 0.9, params) for n, params in enumerate(strange))]
    rate, kind = figures.slices(trials, [RATE, KIND]).axes
    assert [sum(len(c.get_offsets()) for c in axes.collections[:2]) for axes in (rate, kind)] == [5, 5]
    assert figures.png(figures.contour(trials, RATE, KIND))
    assert figures.png(figures.parallel_coordinates(trials, [RATE, KIND]))


def test_categories_are_compared_by_what_they_read():
    sizes = Dimension("size", choices=(50, 100))
    trials = [TrialRow(0, "finished", 0.9, {"size": "50"}), TrialRow(1, "finished", 0.8, {"size": 100})]
    (axes,) = figures.slices(trials, [sizes]).axes
    assert [line.get_ydata()[0] for line in axes.lines] == pytest.approx([90, 80])
