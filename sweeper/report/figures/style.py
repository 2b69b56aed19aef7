"""How every figure looks: one size, one set of colours, one way to PNG.

Figures are 7.6 inches wide at 200 dots an inch: twice the pixels of a column of 760 CSS pixels.
They are built without pyplot, so that no display, no global figure and no state is involved.
"""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.system.files import write_whole

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

WIDTH = 7.6
DPI = 200

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, YELLOW = "#E69F00", "#56B4E9", "#000000", "#F0E442"
PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
"""Okabe and Ito's colours (2008), told apart with any kind of colour vision; yellow is too pale for lines."""

INK, MUTED, FAINT, GRID = "#222222", "#5A5A5A", "#B4B4B4", "#E8E8E8"

STATE_COLOURS = {"finished": BLUE, "pruned": ORANGE, "failed": VERMILLION}
STATE_MARKERS = {"finished": "o", "pruned": "s", "failed": "X"}
VERDICT_COLOURS = {
    "better": GREEN,
    "worse": VERMILLION,
    "tie": MUTED,
    "undecided": ORANGE,
    "best": BLUE,
    "leads": BLUE,
    "reference": BLUE,
    "": BLUE,
}

_RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "figure.dpi": DPI,
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
    "lines.markersize": 5,
    "lines.solid_capstyle": "round",
    "savefig.dpi": "figure",
    "text.color": INK,
    # A dollar sign in a name is a dollar sign.
    "text.parse_math": False,
    "xtick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": 8.5,
    "xtick.major.size": 3,
    "xtick.minor.size": 1.5,
    "ytick.color": FAINT,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": 8.5,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}


OTHER_SCRIPTS = (
    "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Source Han Sans", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAexGothic", "IPAGothic", "TakaoPGothic", "VL Gothic",
    "NanumGothic", "UnDotum", "AR PL UMing CN", "Noto Sans Devanagari", "Lohit Devanagari", "Noto Sans Bengali",
    "Noto Sans Tamil", "Noto Sans Thai", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Sans Ethiopic", "FreeSans",
    "Symbola", "Unifont",
)  # fmt: skip
"""Fonts that have letters which DejaVu Sans lacks; those that are installed are asked in turn."""

_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")


@cache
def families() -> tuple[str, ...]:
    """The fonts of all texts: the one that comes with matplotlib, behind it those of other scripts that are here."""
    from matplotlib.font_manager import fontManager

    here = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in OTHER_SCRIPTS if name in here))


@contextmanager
def style() -> Iterator[None]:
    """This style, and no warnings of matplotlib's, while the block lasts."""
    import matplotlib as mpl

    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with mpl.rc_context(_RC | {"font.family": list(families())}), warnings.catch_warnings():
        # A class name in a script that no font here has is drawn as boxes, which the figure itself says.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


styled = style()
"""Decorates a figure builder: matplotlib is loaded when it is called, and this style holds within."""


def canvas(title: str = "", *, height: float = 3.4) -> Figure:
    """An empty figure of the page's width, `height` inches high, its title at the left."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    if title:
        figure.suptitle(fill(title, 84), x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    return figure


def ink(colour: str) -> str:
    """A colour dark enough for text on white: contrast of at least 4.5 to 1 (WCAG 2, AA)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    while _contrast_on_white(red, green, blue) < 4.5:
        red, green, blue = (0.95 * part for part in (red, green, blue))
    return "#" + "".join(f"{int(255 * part):02X}" for part in (red, green, blue))


def tight(figure: Figure) -> None:
    """Let panels stand close together, for grids of pictures."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.set(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0)  # type: ignore[call-arg]


def sequential() -> Colormap:
    """From pale to blue, for counts: one hue, so that more is darker for everyone."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("counts", ["#FFFFFF", "#CFE3F1", "#6FAED6", BLUE, "#00446B"])


def _contrast_on_white(red: float, green: float, blue: float) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes for the same figure; a palette makes most of them a third of the size."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with style():
        drawn = FigureCanvasAgg(figure)
        _draw(figure, drawn.draw)
    return _encode(np.asarray(drawn.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]


def _draw(figure: Figure, draw: Callable[[], object]) -> None:
    draw()
    missing = _missing_letters(figure, families())
    if not missing:
        return
    if load_new_fonts():
        families.cache_clear()
        _set_fonts(figure, families())
        missing = _missing_letters(figure, families())
    if missing:
        _say_missing(figure, missing, ink(VERMILLION))
    draw()


def _missing_letters(figure: Figure, families: Sequence[str]) -> set[str]:
    """The letters of a drawn figure that none of these fonts has.

    matplotlib's own warning comes once for each letter and process, so it cannot be asked.
    """
    from matplotlib.text import Text

    texts = (text.get_text() for text in figure.findobj(Text) if text.get_visible())
    rare = {letter for text in texts for letter in text if not letter.isascii() and letter.isprintable()}
    return {letter for letter in rare if not any(ord(letter) in _letters_of(name) for name in families)}


@cache
def _letters_of(family: str) -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(family)).get_charmap())


def load_new_fonts() -> bool:
    """Make fonts known that were installed after matplotlib listed them; whether there are any."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    new = set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}
    for path in new:
        with suppress(OSError, RuntimeError):  # a file that is no font that FreeType reads
            fontManager.addfont(path)
    return bool(new)


def _set_fonts(figure: Figure, families: Sequence[str]) -> None:
    """Let all texts of a figure be drawn with these."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontfamily(families)


def _say_missing(figure: Figure, letters: Iterable[str], colour: str) -> None:
    """Add a line below the figure that says what its boxes are, and which package has the letters."""
    note = (
        f"Boxes are letters that no font of this machine has. Debian: apt-get install {_package(letters)}, "
        "then make this figure again."
    )
    width, height = figure.get_size_inches()
    line = 0.32
    figure.set_size_inches(width, height + line)
    engine = figure.get_layout_engine()
    assert engine is not None
    share = line / (height + line)
    engine.set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg]
    figure.text(0.012, share / 3, fill(note, 130), fontsize=8, color=colour)


def _package(letters: Iterable[str]) -> str:
    names = [unicodedata.name(letter, "") for letter in letters]
    if any(name.startswith(_EAST_ASIAN) for name in names):
        return "fonts-noto-cjk"
    return "fonts-symbola" if all(ord(letter) >= 0x1F000 for letter in letters) else "fonts-noto-core"


def warm_up() -> None:
    """Draw something that nobody looks at, so that the next figure finds everything loaded."""

    @styled
    def something() -> Figure:
        figure = canvas(" ")
        figure.subplots().set_xlabel("x")
        return figure

    png(something())


def save(figure: Figure, path: Path) -> Path:
    """Write the figure as a PNG file, whole or not at all; returns its path."""
    return write_whole(path, png(figure))


def _encode(pixels: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    small = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    # A mark of few pixels among many shades can lose its colour to them: such a figure keeps every colour.
    kept = small if _keeps(pixels, np.asarray(small.convert("RGB"))) else image
    out = BytesIO()
    kept.save(out, "png", dpi=(DPI, DPI))
    return out.getvalue()


def _keeps(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> bool:
    packed = _packed(before)
    moved = packed != _packed(after)
    places, colours = moved.nonzero(), packed[moved]
    own = (int(colour[1:], 16) for colour in (*PALETTE, INK, MUTED, "#FFFFFF"))
    kept = np.isin(colours, list(own))
    near = np.abs(before[places].astype(np.int16) - after[places]).max(axis=1, initial=0) <= 12
    return bool(near[kept].all())


def _packed(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """One number a pixel."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), -1, 0)
    packed: npt.NDArray[np.int32] = red << 16 | green << 8 | blue
    return packed
