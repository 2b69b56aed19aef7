"""Makes the study tests' ``targets`` and ``helpers`` importable, here and in worker processes; a warm server."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
import warming


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a warm server's socket is, for this process and its children."""
    monkeypatch.setenv("SWEEPER_WARM", str(tmp_path / "warm"))
    return tmp_path / "warm"


@pytest.fixture
def warm(folder):
    """A warm server that loads nothing: its process."""
    with warming.server(folder) as process:
        yield process
