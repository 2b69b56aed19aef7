"""No process that is started imports what lies in the folder in which the command was given."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import sweeper
from sweeper.system.guard import guarded
from sweeper.system.python import module_command, safe_environment

COMMAND = Path(sys.executable).with_name("sweeper")
HARMLESS = """
import os, sys
with open({marks!r}, "a") as marks:
    print(__name__, *sys.argv, file=marks)
raise ImportError(__name__ + " lies in the working directory")
"""


@pytest.fixture
def marks(tmp_path, monkeypatch):
    """The file in which modules of the working directory tell that they were imported; all names are there."""
    installed = {name for name in metadata.packages_distributions() if name.isidentifier() and name != "sweeper"}
    here, marks = tmp_path / "here", tmp_path / "marks"
    here.mkdir()
    for name in installed | set(sys.stdlib_module_names) | {"sitecustomize", "usercustomize", "gunicorn.conf"}:
        (here / f"{name}.py").write_text(HARMLESS.format(marks=str(marks)))
    monkeypatch.chdir(here)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path / "runs"))
    return marks


def under_guard(command, environment):
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        return process.wait(60)
    finally:
        process.stdin.close()
        process.stderr.close()


def test_these_files_would_be_imported_otherwise(marks):
    assert under_guard([sys.executable, "-m", "sweeper.system.guard", "true"], dict(os.environ)) != 0
    assert marks.exists()


def test_the_guard(marks):
    command = guarded([sys.executable, "-m", "json.tool", "--help"])
    assert (under_guard(command, safe_environment()), marks.exists()) == (0, False)


def test_python_below_the_guard_too(marks):
    code = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'json.tool', '--help']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=safe_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, marks.exists()) == (0, False), done.stderr


@pytest.mark.parametrize("path", ["", ".", ":{there}", "{there}::"])
def test_an_import_path_of_the_environment_that_has_it(marks, tmp_path, monkeypatch, path):
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine.py").write_text("VALUE = 3")
    monkeypatch.setenv("PYTHONPATH", path.format(there=there))
    done = subprocess.run(
        module_command("json.tool", "--help"), env=safe_environment(), capture_output=True, check=False
    )
    assert (done.returncode, marks.exists()) == (0, False), done.stderr
    assert (str(there) in safe_environment().get("PYTHONPATH", "")) == ("there" in path)


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["run", "dataset=digits", "hidden=[4]", "steps=5"],
        ["tune", "dataset=digits", "hidden=[4]", "steps=5", "learning_rate=0.1,0.2", "--confirm", "0", "-n", "2"],
    ],
    ids=["run", "tune"],
)
def test_the_fork_server_and_its_workers(marks, words):
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, marks.exists()) == (0, False), done.stderr + marks.read_text()


@pytest.mark.tensorflow
@pytest.mark.slow
def test_the_fork_server_of_a_driver_that_has_it_on_its_own_path(marks):
    # What the driver has loaded itself is its own affair; what its workers load is not.
    code = """
import sys
from sweeper.workers.fork_client import ForkClient
from sweeper.workers.run_group import train_group
sys.path[:0] = ["", ".", sys.argv[1]]
server = ForkClient(train_group, 1, 0, ["sweeper.train.quiet"])
server.order(1)
print(server.news()[0].number)
server.stop()
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(Path.cwd())], capture_output=True, text=True, check=False
    )
    assert (done.stdout, marks.exists()) == ("1\n", False), done.stderr


@pytest.mark.slow
def test_the_server_of_the_web_interface(marks):
    process = subprocess.Popen([COMMAND, "ui", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert json.loads(said or "{}").get("url"), errors
    assert not marks.exists(), marks.read_text()


def test_python_is_started_in_one_place_alone():
    source = Path(sweeper.__file__).parent
    starting = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.executable"
    }
    assert starting == {"system/python.py"}
