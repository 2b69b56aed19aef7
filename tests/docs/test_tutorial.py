"""Every command of the tutorial is run as it stands there, in one folder, in order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "README.md"
BLOCKS = [
    block.splitlines() for block in re.findall(r"```console\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
]
PROGRAM = Path(sys.executable).parent / "sweeper"


def test_the_tutorial_has_commands():
    commands = [line for block in BLOCKS for line in block]
    assert len(commands) > 15
    assert all(line.startswith("sweeper ") for line in commands)


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Runs a line as a newcomer would, who has no full MNIST, in copies of servers that are kept warm."""
    folder = tmp_path_factory.mktemp("tutorial")
    hidden = {"SWEEPER_DATA", "SWEEPER_RUNS", "MLFLOW_TRACKING_URI"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"KERAS_HOME": str(folder / "keras"), "SWEEPER_WARM": str(folder / "warm")}

    def run(line):
        command = [PROGRAM, *shlex.split(line)[1:]]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert run("sweeper warm --idle 30").returncode == 0
    yield run
    run("sweeper warm --stop")


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("block", BLOCKS, ids=[block[0] for block in BLOCKS])
def test_commands(block, typed):
    for line in block:
        done = typed(line)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout.strip(), line
        assert "Traceback" not in done.stderr, line
