"""What the table of the libraries' behaviour names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reference" / "library-behaviour.md"
ROWS = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]


def named(pattern):
    return sorted({found for row in ROWS for found in re.findall(pattern, row)})


@pytest.mark.parametrize("name", named(r"`(tests/[\w/]+\.py(?:::\w+)?)`"))
def test_every_test_that_is_named_exists(name):
    file, _, test = name.partition("::")
    assert (ROOT / file).is_file()
    assert not test or re.search(rf"def {test}\b", (ROOT / file).read_text(encoding="utf-8"))


@pytest.mark.skipif((ROOT / "PKG-INFO").exists(), reason="a source archive is packed without the findings")
@pytest.mark.parametrize("name", named(r"`([\w-]+\.sh)`"))
def test_every_finding_that_is_named_exists(name):
    assert (ROOT / "findings" / name).is_file()


@pytest.mark.parametrize("row", ROWS)
def test_every_row_is_whole_and_held_by_a_test(row):
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 6
    assert all(cells)
    assert re.match(r"(fix|guard|note): ", cells[4])
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", cells[5])
