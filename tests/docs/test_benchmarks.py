import ast
import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(
    script
    for script in ROOT.rglob("*.py")
    if not any(part.startswith(".") for part in script.relative_to(ROOT).parts)  # the peers' own environments
)


def named(script):
    """What a script takes from sweeper: (module, name), the trainer's left out, as it loads TensorFlow."""
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if module.split(".")[0] == "sweeper" and not module.startswith("sweeper.train"):
            yield from ((module, alias.name) for alias in node.names)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_benchmark_takes_what_is_there(script):
    for module, name in named(script):
        found = importlib.import_module(module)
        if not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")


def test_there_are_benchmarks_that_use_sweeper():
    assert sum(1 for script in SCRIPTS if any(named(script))) >= 4


def test_the_tracker_that_keeps_nothing_is_a_whole_one(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    try:
        with importlib.import_module("overhead").Forgetful() as tracker:
            assert tracker.flush() == 0
    finally:
        sys.modules.pop("overhead", None)
