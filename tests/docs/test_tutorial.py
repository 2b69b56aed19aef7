"""Every command of the tutorial is run as it stands there, in one folder, in order.

The four longest questions are asked with a tenth of the training: as they stand they take as long as all else together.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sweeper.questions.ask.question import questions as files

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "README.md"
BLOCKS = [
    block.splitlines() for block in re.findall(r"```console\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
]
LONG = {"generalization": 0, "output-nonlinearity": 8, "test-tuning": 30, "batch-size": 10}
"""The longest questions, with a small budget; 0 where nothing is searched."""
SHORT = {"steps=600": "steps=120", "epochs=5": "epochs=1"}
PROGRAM = Path(sys.executable).parent / "sweeper"


def test_the_tutorial_has_commands():
    commands = [line for block in BLOCKS for line in block]
    assert len(commands) > 15
    assert all(line.startswith("sweeper ") for line in commands)


def _short(name):
    """A question of the tutorial with a tenth of its quick form's training."""
    question = yaml.safe_load(files()[name].read_text(encoding="utf-8"))
    quick = question["quick"]
    quick["fixed"] = [SHORT.get(text, text) for text in quick["fixed"]]
    quick |= {key: value for key, value in {"repeats": 3, "budget": LONG[name]}.items() if quick.get(key)}
    return yaml.safe_dump(question, allow_unicode=True, sort_keys=False)


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Runs a line as a newcomer would, who has no full MNIST, in copies of servers that are kept warm."""
    folder = tmp_path_factory.mktemp("tutorial")
    hidden = {"SWEEPER_DATA", "SWEEPER_RUNS", "MLFLOW_TRACKING_URI"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"KERAS_HOME": str(folder / "keras"), "SWEEPER_WARM": str(folder / "warm")}
    questions = folder / "short" / "question"
    questions.mkdir(parents=True)
    for name in LONG:
        (questions / f"{name}.yaml").write_text(_short(name), encoding="utf-8")

    def run(line):
        words = shlex.split(line)[1:]
        command = [PROGRAM, *words, *(["--config-dir", questions.parent] if words[1:2] and words[1] in LONG else [])]
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
