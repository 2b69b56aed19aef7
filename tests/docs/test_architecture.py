"""The drawing of the rooms against what is imported."""

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
DRAWING = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
RECIPES = (ROOT / "docs" / "how-to" / "extend.md").read_text(encoding="utf-8")


def room(module):
    return module.split(".")[1] if "." in module else ""


@pytest.fixture(scope="module")
def imported():
    graph = grimp.build_graph("sweeper")
    pairs = {(room(a), room(b)) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    return {(a, b) for a, b in pairs if a and b and a not in {b, "__main__"}}


def drawn():
    return set(re.findall(r"^  (\w+) --> (\w+)$", DRAWING, re.MULTILINE))


def reachable(arrows, start):
    found, waiting = set(), [start]
    while waiting:
        following = {b for a, b in arrows if a == waiting[-1]} - found
        waiting.pop()
        found |= following
        waiting += following
    return found


def test_every_arrow_is_an_import(imported):
    assert drawn() - imported == set()


def test_every_import_follows_arrows(imported):
    assert {(a, b) for a, b in imported if b not in reachable(drawn(), a)} == set()


def test_no_arrow_is_drawn_twice_over(imported):
    """One that another way already leads along says nothing more."""
    assert {(a, b) for a, b in drawn() if b in reachable(drawn() - {(a, b)}, a)} == set()


def test_every_room_is_drawn():
    rooms = {
        path.stem for path in (ROOT / "sweeper").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for arrow in drawn() for name in arrow} == rooms - {"__init__", "__main__"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:sweeper|conf|tests)/[\w/.-]+\.\w+)`", RECIPES))))
def test_recipes_name_files_that_are_there(path):
    assert "NAME" in path or (ROOT / path).exists()


def test_a_recipe_changes_three_files_at_most():
    recipes = re.split(r"^## ", RECIPES, flags=re.MULTILINE)[1:]
    lists = [re.findall(r"^(\d)\. ", recipe, re.MULTILINE) for recipe in recipes]
    assert len(recipes) == 8
    assert max(int(number) for numbers in lists for number in numbers) <= 3
