"""Makes ``spoken``, and the study tests' ``targets`` and ``helpers``, importable, here and in worker processes."""

import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.with_name("study"))]

if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # begun under nohup, which what is started here would inherit
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory, kept_workers):
    """What a run trains that nothing happens to."""
    from trainings import Training

    trained, notes = Training("run", tmp_path_factory.mktemp("whole-run"), env=kept_workers).end()
    assert notes == []
    return trained
