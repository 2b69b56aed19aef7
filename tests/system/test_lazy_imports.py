"""What libraries import for other uses than ours is left out, and nothing else is."""

from __future__ import annotations

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO

from sweeper.system.python import without


def test_only_this_thread_is_without_and_only_for_a_while():
    def importing():
        sys.modules.pop("this", None)
        try:
            return importlib.import_module("this").__name__
        except ModuleNotFoundError as error:
            return str(error)

    with redirect_stdout(StringIO()), ThreadPoolExecutor(1) as elsewhere:
        with without(["this"]):
            assert importing() == "no module named 'this', as nobody needs it here"
            assert elsewhere.submit(importing).result() == "this"
        assert importing() == "this"


def test_importances_need_no_scikit_learn_and_leave_it_to_others():
    script = """
import sys
import sweeper.study.importance
assert "sklearn" not in sys.modules
import sklearn.ensemble
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
