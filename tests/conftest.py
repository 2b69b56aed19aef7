"""For all tests."""

import os
import shutil
import sys
import tempfile

import pytest
from hypothesis import settings

from sweeper.system.process import this_process
from sweeper.system.warm import client
from sweeper.system.warm.identity import VARIABLES
from sweeper.workers.fork_client import WARM
from tests.study import warming
from tests.undrawn import leave_undrawn

# The same examples each time: a check that passes passes again. Look further with `--hypothesis-profile=search`.
settings.register_profile("checks", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("checks")

os.environ["SWEEPER_WARM"] = ""  # a server that somebody keeps warm is theirs; tests have their own

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


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def kept_workers(tmp_path_factory):
    """Variables that lead to a warm server with TensorFlow, whose import takes longer than most of what tests train.

    They are for tests of something else than how workers begin.
    """
    if sys.platform != "linux":
        yield warming.BEGAN | {"SWEEPER_WARM": ""}
        return
    folder = tmp_path_factory.mktemp("kept") / "warm"
    mine = this_process().label  # with which it ends, however that ends
    with warming.server(folder, 3600.0, mine, program=warming.LOADED, surroundings=warming.BEGAN):
        yield warming.BEGAN | {"SWEEPER_WARM": str(folder)}


@pytest.fixture(scope="module")
def warm(kept_workers):
    """This file's jobs, and the commands that it starts, have their workers from that server."""

    def borrow(*asked, **more):
        with pytest.MonkeyPatch.context() as patch:  # libraries that a job has loaded have set variables of theirs
            _as_at_the_beginning(patch, kept_workers)
            lent = client.borrow(*asked, **more)
            assert lent or not refused()
        return lent

    def refused():
        return kept_workers["SWEEPER_WARM"] and client.status(WARM)["refused"]

    with pytest.MonkeyPatch.context() as patch:
        _as_at_the_beginning(patch, kept_workers)
        patch.setenv("SWEEPER_WARM", kept_workers["SWEEPER_WARM"])
        patch.setattr("sweeper.workers.fork_client.borrow", borrow)
        assert not refused()
        yield


def _as_at_the_beginning(patch, variables):
    """Give libraries' variables the values that the server has."""
    for name in [name for name in os.environ if name.startswith(VARIABLES) and name not in variables]:
        patch.delenv(name)
    for name, value in variables.items():
        if name.startswith(VARIABLES):
            patch.setenv(name, value)


@pytest.fixture(scope="module")
def undrawn():
    """No figure of this file's reports is drawn."""
    with pytest.MonkeyPatch.context() as patch:
        leave_undrawn(patch)
        yield
