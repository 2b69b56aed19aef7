"""What the house is built by: short files, small classes, short functions, docstrings that say what a thing is."""

import ast
import re
from pathlib import Path

import pytest

SWEEPER = Path(__file__).parents[2] / "sweeper"
MODULES = sorted(SWEEPER.rglob("*.py"))

FILE, CLASS, FUNCTION = 300, 20, 50
"""Lines of a file, methods of a class, lines of a function (its docstring, and a command's signature, apart)."""


def name(path):
    return path.relative_to(SWEEPER).as_posix()


def nodes(kind):
    return [
        (path, node) for path in MODULES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kind)
    ]


def own_lines(path, function):
    """The lines of a function but for its docstring, and for the signature of a command."""
    first, lines = function.body[0], function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines - (first.lineno - function.lineno if path.parent.name == "commands" else 0)


def test_no_file_is_longer_than_a_sitting():
    lengths = {name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: n for name, n in lengths.items() if n > FILE} == {}


def test_no_class_has_more_methods_than_one_can_hold():
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    counts = {
        f"{name(path)}:{node.name}": sum(isinstance(part, functions) for part in node.body)
        for path, node in nodes(ast.ClassDef)
    }
    assert {name: n for name, n in counts.items() if n > CLASS} == {}


def test_no_function_is_longer_than_a_screen():
    lengths = {f"{name(path)}:{node.name}": own_lines(path, node) for path, node in nodes(ast.FunctionDef)}
    assert {name: n for name, n in lengths.items() if n > FUNCTION} == {}


ROOMS = sorted({name(path).partition("/")[0] for path in MODULES})


@pytest.mark.parametrize("room", ROOMS)
def test_a_docstring_begins_with_what_the_thing_is(room):
    """Docstrings of modules, classes and functions, and those under a name."""
    texts = {name(path): path.read_text() for path in MODULES if name(path).partition("/")[0] == room}
    assert {name for name, text in texts.items() if re.search(r'^ *"""(Of|By) ', text, re.MULTILINE)} == set()


def test_a_class_name_stands_for_one_class():
    names = [node.name for _, node in nodes(ast.ClassDef)]
    assert {name for name in names if names.count(name) > 1} == set()
