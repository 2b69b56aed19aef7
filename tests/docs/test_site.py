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
