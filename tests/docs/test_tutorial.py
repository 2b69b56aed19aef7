"""Every command of the tutorial is run as it stands there, in one folder, in order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "README.md"
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
]


def test_the_tutorial_has_commands():
    assert len(COMMANDS) > 15
    assert all(line.startswith("sweeper ") for line in COMMANDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tutorial")


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("command", COMMANDS)
def test_command(command, folder):
    # Without full MNIST, wherever the test runs: that is what a newcomer has.
    hidden = {"SWEEPER_DATA", "SWEEPER_RUNS", "MLFLOW_TRACKING_URI"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["KERAS_HOME"] = str(folder / "keras")
    program = Path(sys.executable).parent / "sweeper"
    done = subprocess.run(
        [program, *shlex.split(command)[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr
