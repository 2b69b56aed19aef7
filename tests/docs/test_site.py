"""The documents as a site: built strictly, without a network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(target / ".cache"), "docs"]
    done = subprocess.run([*command, str(target)], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


def test_every_document_is_a_page_and_every_link_leads_somewhere(site):
    documents = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    pages = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert documents <= pages


def test_a_page_fetches_nothing(site):
    loaded = re.compile(r'<(?:script|img|iframe|link)[^>]*(?:src|href)="(?:https?:)?//[^"]*"')
    assert {path.name: loaded.findall(path.read_text()) for path in site.rglob("*.html")} == {
        path.name: [] for path in site.rglob("*.html")
    }


@pytest.mark.parametrize("width", [1400, 400])
def test_no_line_of_code_is_cut_and_every_picture_is_there(site, browser, width):
    cut = "[...document.querySelectorAll('article pre')].filter(code => code.scrollWidth > code.clientWidth + 1).length"
    gone = "[...document.images].filter(image => !image.naturalWidth).length"
    found = {}
    page = browser.new_page(viewport={"width": width, "height": 1000})
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        found[path.name] = page.evaluate(f"[{cut}, {gone}, document.documentElement.scrollWidth > {width}]")
    page.close()
    assert len(found) > 20
    assert found == {name: [0, 0, False] for name in found}
