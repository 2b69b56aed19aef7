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


def test_a_run_needs_neither_optuna_nor_what_reads_configurations_before_it_begins():
    script = (
        "import sys, sweeper.jobs.run; print({'hydra', 'mlflow', 'optuna', 'scipy', 'sqlalchemy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "set()\n", "")


def test_mlflows_client_is_lean_in_a_command_and_whole_in_another_process(tmp_path):
    script = """
import sys
from pathlib import Path
from sweeper.system.python import own_process
from sweeper.tracking.mlflow.client_rows import connect
from sweeper.tracking.mlflow.folder import create_database
own_process(own=bool(sys.argv[2:]))
file = Path(sys.argv[1])
create_database(file, file.parent)
client = connect(f"sqlite:///{file}")
run = client.create_run("0")
client.log_metric(run.info.run_id, "accuracy", 0.5)
print(*sorted({"pandas", "pyarrow", "pygments", "scipy", "sklearn"} & set(sys.modules)))
"""
    for own, expected in ((["own"], ""), ([], "pandas")):
        command = [sys.executable, "-c", script, str(tmp_path / f"{len(own)}.db"), *own]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(expected)
        assert bool(done.stdout.strip()) == (not own)
