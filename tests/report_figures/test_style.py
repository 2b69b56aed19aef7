import re
import struct
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sweeper.report import figures
from sweeper.report.facts import Estimate, Line
from sweeper.report.figures import style


def _size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def _pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def _two_lines(name="b"):
    return figures.lines([Line("a", [1, 2], [0.1, 0.2]), Line(name, [1, 2], [0.2, 0.3])], x_label="x")


def test_png_has_twice_the_pixels_of_the_page():
    assert _size(figures.png(_two_lines())) == (1520, 700)


def test_png_is_the_same_for_the_same_data():
    assert figures.png(_two_lines()) == figures.png(_two_lines())


def test_lines_are_drawn_in_the_exact_colours_of_the_palette_on_white():
    pixels = _pixels(figures.png(_two_lines())).reshape(-1, 3)
    seen = {tuple(int(v) for v in colour) for colour in np.unique(pixels, axis=0)}
    for colour in (style.BLUE, style.VERMILLION, "#FFFFFF"):
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in seen


def test_a_small_mark_keeps_its_colour_among_many_shades(trials, dimensions):
    pixels = _pixels(figures.png(figures.contour(trials, dimensions[0], dimensions[4]))).reshape(-1, 3).astype(int)
    star = np.array([213, 94, 0])
    assert (np.abs(pixels - star).max(axis=1) <= 8).sum() > 100


def test_dollar_signs_and_other_scripts_are_text_and_no_warning():
    bars = [Estimate("cost $x_{1$", 0.5), Estimate("類別", 0.2)]
    assert _size(figures.png(figures.importance(bars, evaluator="x")))[0] == 1520


def test_save_writes_the_png_whole_and_leaves_nothing_else(tmp_path):
    path = figures.save(_two_lines(), tmp_path / "deep" / "a.png")
    assert path.read_bytes() == figures.png(_two_lines())
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]


def test_save_that_fails_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        figures.save(_two_lines(), path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@given(st.from_regex(r"\A#[0-9A-F]{6}\Z"))
def test_ink_reads_well_on_white(colour):
    def luminance(hexadecimal):
        parts = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    dark = style.ink(colour)
    assert re.fullmatch(r"#[0-9A-F]{6}", dark)
    assert 1.05 / (luminance(dark) + 0.05) >= 4.5


def test_colours_of_states_and_verdicts_are_from_the_palette():
    known = {*style.PALETTE, style.MUTED}
    assert {*style.STATE_COLOURS.values(), *style.VERDICT_COLOURS.values()} <= known
    assert len(set(style.STATE_COLOURS.values())) == len(style.STATE_COLOURS)


def test_figures_load_no_matplotlib_and_draw_without_pyplot_or_display():
    script = (
        "import sys; from sweeper.report import figures; from sweeper.report.facts import Estimate;"
        "assert 'matplotlib' not in sys.modules, 'loaded too early';"
        "figures.png(figures.importance([Estimate('a', 1.0)], evaluator='x'));"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], check=False, env={"HOME": "/tmp"}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
