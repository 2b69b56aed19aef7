"""Links between documents lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")

UNPACKED = ["findings"] if (ROOT / "PKG-INFO").exists() else []
"""What documents name and a source archive is packed without."""


def documents():
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [path.relative_to(ROOT).as_posix() for path in sorted(found)]


@pytest.mark.parametrize("name", documents())
def test_links_lead_somewhere(name):
    path = ROOT / name
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    dead = [(path.parent / link).resolve() for link in links if not (path.parent / link).exists()]
    assert [target for target in dead if target.relative_to(ROOT.resolve()).parts[0] not in UNPACKED] == []


def test_make_has_what_the_readme_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        subprocess.run(["make", "--dry-run", "--assume-old=requirements.lock", target], cwd=ROOT, check=True)
