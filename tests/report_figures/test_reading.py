"""What figures and pages are like to read: whole numbers, few points, other scripts, other screens."""

from functools import cache
from importlib.resources import files

import numpy as np
import pytest

from sweeper.report.facts import Dimension, Line, TrialRow
from sweeper.report.figures import lines, slices
from sweeper.report.figures import style as look
from sweeper.report.figures.learning import MOST_POINTS, _fewer
from sweeper.report.figures.style import load_new_fonts
from sweeper.report.study.figures import LEAST_TOGETHER


def ticks(axis, low, high):
    return [tick for tick in axis.get_majorticklocs() if low <= tick <= high]


@pytest.mark.parametrize("trials", [2, 3, 4, 7])
def test_numbers_of_trials_are_whole(trials):
    axes = lines([Line("a", range(1, trials + 1), [0.9] * trials)], x_label="Trials").axes[0]
    assert all(tick == round(tick) for tick in ticks(axes.xaxis, 1, trials))


def test_a_hyperparameter_of_whole_numbers_has_whole_numbers_on_its_axis():
    rows = [TrialRow(n, "finished", 0.9 + n / 100, {"depth": 1 + n % 3, "rate": 1 + n / 6}) for n in range(6)]
    depth, rate = slices(rows, [Dimension("depth", 1, 3), Dimension("rate", 1, 2)]).axes[:2]
    assert all(tick == round(tick) for tick in ticks(depth.xaxis, 1, 3))
    assert any(tick != round(tick) for tick in ticks(rate.xaxis, 1, 2))


def test_many_validations_are_drawn_as_means_of_some_in_a_row():
    steps, means = _fewer(list(range(1, 1001)), np.tile([[0.0], [1.0]], (500, 1)))
    assert (len(steps), steps[-1], means.shape) == (MOST_POINTS, 1000, (MOST_POINTS, 1))
    assert abs(means.mean() - 0.5) < 0.01
    assert np.ptp(means) < 0.2
    few = np.arange(8.0).reshape(4, 2)
    assert _fewer([1, 2, 3, 4], few)[0] == [1, 2, 3, 4]
    assert (_fewer([1, 2, 3, 4], few)[1] == few).all()


def test_two_hyperparameters_are_shown_together_where_trials_are_many():
    assert LEAST_TOGETHER > 8


def test_fonts_of_other_scripts_stand_behind_the_first(monkeypatch):
    from matplotlib.font_manager import fontManager

    monkeypatch.setattr(fontManager, "get_font_names", lambda: ["DejaVu Sans", "Noto Sans CJK JP", "Comic Sans"])
    look.families.cache_clear()
    assert look.families() == ("DejaVu Sans", "Noto Sans CJK JP")
    look.families.cache_clear()


def _named(*names):
    @look.styled
    def drawn():
        figure = look.canvas("A title")
        figure.subplots().bar(names, range(1, len(names) + 1))
        return figure

    return drawn()


def _texts(figure):
    look.png(figure)
    return [text.get_text() for text in figure.texts]


def test_letters_that_no_font_has_are_said_in_the_figure(monkeypatch):
    monkeypatch.setattr(look, "families", cache(lambda: ("DejaVu Sans",)))
    for _ in range(2):  # not once a process
        *_, note = _texts(_named("犬", "cat"))
        assert "fonts-noto-cjk" in note
    assert "fonts-noto-core" in _texts(_named("\N{DEVANAGARI LETTER KA}"))[-1]
    assert [text for text in _texts(_named("Größe", "кошка", "σ")) if "no font" in text] == []


def test_a_font_that_was_installed_since_is_found(monkeypatch):
    from matplotlib.font_manager import findSystemFonts, fontManager

    new = findSystemFonts()[:1] or pytest.skip("this machine has no fonts")
    monkeypatch.setattr(fontManager, "ttflist", [one for one in fontManager.ttflist if one.fname not in new])
    assert load_new_fonts()
    assert new[0] in {one.fname for one in fontManager.ttflist}
    assert not load_new_fonts()


def test_a_page_is_dark_without_white_cards_and_small_without_small_letters():
    css = files("sweeper.report").joinpath("page.css").read_text()
    dark, small, paper = (css.partition(f"@media {media}")[2] for media in ("(prefers", "(max-width", "print"))
    assert "mix-blend-mode: screen" in dark[: dark.index("* {")]
    assert "overflow-x: auto" in small[: small.index("@media print")]
    assert "mix-blend-mode: normal" in paper
    assert ".table, " not in paper
