"""What ``import sweeper`` gives."""

from __future__ import annotations

import subprocess
import sys

import pytest

import sweeper


@pytest.mark.parametrize("name", sorted(set(sweeper.__all__) - {"__version__"}))
def test_every_public_name_is_there_and_documented(name):
    found = getattr(sweeper, name)
    assert found.__name__ == name
    assert found.__doc__
    assert name in dir(sweeper)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = sweeper.nonsense


def test_importing_it_costs_nothing():
    program = "import sys, sweeper; print(sorted(name for name in sys.modules if name.startswith('sweeper')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['sweeper']"
