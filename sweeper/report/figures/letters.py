"""Letters that no font has: fonts installed since are found, and what stays a box is said in the figure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")


def missing_letters(figure: Figure, families: Sequence[str]) -> set[str]:
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


def set_fonts(figure: Figure, families: Sequence[str]) -> None:
    """Let all texts of a figure be drawn with these."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontfamily(families)


def say_missing(figure: Figure, letters: Iterable[str], colour: str) -> None:
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
