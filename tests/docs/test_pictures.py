"""Pictures of the documents: small, made by the script, and each shown where it helps."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
FOUND = sorted(path for path in PICTURES.iterdir() if path.suffix in {".svg", ".png"})


def test_they_are_what_the_script_makes():
    script = pytest.importorskip("playwright.sync_api") and runpy.run_path(str(PICTURES / "make.py"))
    screens = {name for end, screen in script["SCREENS"].items() for name in (end, *screen.midway)}
    assert {path.stem for path in FOUND if path.suffix == ".svg"} == screens
    pages = set(re.findall(r'_shot\(.*?"(\w+)"\)$', (PICTURES / "make.py").read_text(), re.MULTILINE))
    assert {path.stem for path in FOUND if path.suffix == ".png"} == pages


@pytest.mark.parametrize("picture", FOUND, ids=lambda path: path.name)
def test_a_picture_is_small_and_shown_with_words(picture):
    assert picture.stat().st_size < 150_000
    shown = [
        words
        for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for words in re.findall(rf"!\[([^\]]+)\]\([^)]*/{re.escape(picture.name)}\)", path.read_text(encoding="utf-8"))
    ]
    assert shown


def test_a_screen_needs_no_font_of_its_own_and_names_no_folder_of_this_machine():
    for path in FOUND:
        if path.suffix == ".svg":
            text = path.read_text(encoding="utf-8")
            assert "url(" not in text.replace("url(#terminal", "")
            assert not re.search(r"/(?:home|root|work|tmp)\b", text)
