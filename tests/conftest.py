"""For all tests."""

import os
import tempfile

import pytest
from hypothesis import settings

# The same examples each time: a check that passes passes again. Look further with `--hypothesis-profile=search`.
settings.register_profile("checks", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("checks")

os.environ["SWEEPER_WARM"] = ""  # a server that somebody keeps warm is theirs; tests of it start their own

_GIVEN = {name: os.environ.get(name) for name in ("SWEEPER_RUNS", "SWEEPER_DATA", "MLFLOW_TRACKING_URI")}


@pytest.fixture(autouse=True, scope="module")
def surroundings():
    """Each file finds the variables as they were at the beginning: jobs name their runs folder there, for workers."""
    yield
    for name, value in _GIVEN.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def own_temporary_files(tmp_path, monkeypatch):
    """Temporary files of this test alone: doctor looks at all of a person's, and other tests kill what has some."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
