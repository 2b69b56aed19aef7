"""What ``import sweeper`` gives."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys

import pytest

import sweeper

NAMES = sorted(set(sweeper.__all__) - {"__version__"})
CALLS = [name for name in NAMES if inspect.isfunction(getattr(sweeper, name))]


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there_and_documented(name):
    found = getattr(sweeper, name)
    assert found.__name__ == name
    assert found.__doc__


def test_only_public_names_are_listed_whatever_is_loaded():
    import sweeper.jobs.run  # its rooms become attributes of the package

    assert "jobs" in vars(sweeper)
    assert dir(sweeper) == sorted(sweeper.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = sweeper.nonsense


def test_importing_it_costs_nothing():
    program = "import sys, sweeper; print(sorted(name for name in sys.modules if name.startswith('sweeper')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['sweeper']"


@pytest.mark.parametrize("name", CALLS)
def test_help_names_every_argument_and_says_what_it_is(name):
    function = getattr(sweeper, name)
    shown = pydoc.plain(pydoc.render_doc(function))
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
        assert f"{parameter.name}:" in function.__doc__.partition("Args:")[2], parameter.name
    assert ("Args:" in shown) == bool(inspect.signature(function).parameters)
    assert max(map(len, function.__doc__.splitlines())) <= 120


def test_what_is_said_to_hold_where_nothing_is_given_does():
    from sweeper.study.objectives import DEFAULT as OBJECTIVE
    from sweeper.study.search.pruners import DEFAULT as PRUNER

    assert f"{PRUNER} if it is not given" in sweeper.tune.__doc__
    assert f"{OBJECTIVE} if it is not given" in sweeper.tune.__doc__
