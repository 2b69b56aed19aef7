"""The files for Slurm and Kubernetes: what they type is what there is."""

import re
import shlex
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

FILES = Path(__file__).parents[2] / "docs" / "how-to" / "files"
SLURM, KUBERNETES = FILES / "sweep.sbatch", FILES / "sweep.rayjob.yaml"


def options_of(command):
    from typer.main import get_command

    from sweeper.cli.app import app

    found = get_command(app).commands[command]
    return {option for param in found.params for option in param.opts}


def test_the_script_is_one_that_bash_can_read():
    assert subprocess.run(["bash", "-n", str(SLURM)], check=False).returncode == 0


def test_the_script_types_options_that_there_are():
    (line,) = re.findall(r'^RAY_ADDRESS="\$head:\$port" sweeper "\$@" (.*) &$', SLURM.read_text(), re.MULTILINE)
    assert {word for word in shlex.split(line) if word.startswith("--")} <= options_of("tune")


def test_the_job_types_options_that_there_are():
    job = yaml.safe_load(KUBERNETES.read_text())
    _, command, *words = shlex.split(job["spec"]["entrypoint"])
    assert {word for word in words if word.startswith("--")} <= options_of(command)


def test_the_job_names_the_version_of_ray_that_is_tested():
    pytest.importorskip("ray")
    assert yaml.safe_load(KUBERNETES.read_text())["spec"]["rayClusterSpec"]["rayVersion"] == version("ray")


def test_head_and_workers_are_of_one_image():
    spec = yaml.safe_load(KUBERNETES.read_text())["spec"]["rayClusterSpec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    assert len({container["image"] for group in groups for container in group["template"]["spec"]["containers"]}) == 1
