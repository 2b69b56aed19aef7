"""The package: what a source archive and a wheel hold, and the main job from a wheel alone, outside the checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_string
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
TAKEN = shutil.ignore_patterns(".venv", ".git", ".*_cache", ".hypothesis", ".peers", "__pycache__", "runs", "dist")
LYING_ABOUT = (
    "runs/mlflow.db",
    ".venv/pyvenv.cfg",
    "findings/a-library.sh",
    "outputs/log.txt",
    "data.csv",
    "tests/a.pyc",
)
"""What a checkout in use also has in it."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def hatchling(folder, target):
    """The archive that the build backend makes of a folder, with no network and nothing installed for it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    (archive,) = (folder / "dist").iterdir()
    return archive


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    folder = shutil.copytree(ROOT, tmp_path_factory.mktemp("checkout") / "source", ignore=TAKEN)
    for name in LYING_ABOUT:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
    return hatchling(folder, "sdist")


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Made of the unpacked source archive, as an installer without a wheel makes it."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return hatchling(source, "wheel")


@pytest.fixture(scope="module")
def facts(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode())


def files(folder, under=""):
    return {
        under + path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_source_archive_holds_the_project_and_nothing_that_lay_about(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    packed = {"sweeper", "conf", "docs", "tests", "benchmarks"}
    alone = {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml", "hatch_build.py"}
    assert {name.partition("/")[0] for name in names} == packed | alone | {
        "requirements.lock",
        "requirements-dev.lock",
        ".gitignore",
        "PKG-INFO",
    }
    assert names.isdisjoint(LYING_ABOUT)
    for folder in ("sweeper", "conf", "docs", "tests"):
        assert {name for name in names if name.startswith(f"{folder}/")} == files(ROOT / folder, f"{folder}/")


def test_the_wheel_holds_the_program_its_configuration_and_its_licence_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    described = {name for name in names if ".dist-info/" in name}
    assert names - described == files(ROOT / "sweeper", "sweeper/") | files(ROOT / "conf", "sweeper/conf/")
    assert {"sweeper/py.typed", "sweeper/report/page.css", "sweeper/conf/config.yaml"} < names
    assert len([name for name in names if name.endswith("/schema.sql")]) == 2
    assert len([name for name in described if name.endswith("/licenses/LICENSE")]) == 1


def test_the_licence_is_named_and_no_address_is_invented(facts):
    assert (facts["License-Expression"], facts.get_all("License-File")) == ("MIT", ["LICENSE"])
    assert (facts["Author"], facts["Author-email"]) == ("the sweeper authors", None)
    assert (facts.get_all("Project-URL"), facts["Home-page"]) == (None, None)


def minors(classifiers):
    return {line.rpartition(" ")[2] for line in classifiers if re.search(r":: Python :: 3\.\d+$", line)}


def test_the_python_versions_are_those_that_tensorflow_has_wheels_for(facts):
    said, admitted = minors(facts.get_all("Classifier")), SpecifierSet(facts["Requires-Python"])
    assert said == {f"3.{minor}" for minor in range(30) if f"3.{minor}.1" in admitted}
    wheels = minors(metadata.metadata("tensorflow").get_all("Classifier"))
    assert said == {version for version in wheels if version in SpecifierSet(">=3.11")}


def test_the_readme_on_an_index_has_no_link_that_leads_nowhere(facts):
    ours, theirs = (ROOT / "README.md").read_text(encoding="utf-8"), facts.get_payload()
    assert re.findall(r"\]\((?!https?://)[^)]*\)", theirs) == []
    links = re.findall(r"\]\((?!https?://)([^)#\s]+)", ours)
    assert links
    assert [link for link in links if link.removesuffix("/README.md") not in theirs] == []
    fence = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    assert fence.findall(theirs) == fence.findall(ours)


@pytest.fixture
def installed(wheel, tmp_path):
    """The folder of programs of a new environment with the wheel in it, and the locked libraries beside it."""
    home = tmp_path / "environment"
    venv.create(home, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--quiet", str(wheel)], env=ENVIRONMENT, check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # The path files of the folder that is added are not read: the checkout stays out of sight.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


@pytest.mark.tensorflow
@pytest.mark.slow
def test_the_main_job_runs_from_the_wheel_outside_the_checkout(installed, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def say(program, *arguments):
        command = [str(installed / program), *arguments]
        done = subprocess.run(command, cwd=elsewhere, env=ENVIRONMENT, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = "import sys, sweeper; print(sweeper.__file__, *sys.path, sep='\\n')"
    home, *path = say("python", "-c", where).splitlines()
    assert Path(home).is_relative_to(installed.parent)
    assert str(ROOT) not in path

    runs = ("--runs", str(tmp_path / "runs"))
    assert "Train one configuration." in say("sweeper", "--help")
    listed = json.loads(say("sweeper", "data", "list", "--json", *runs))
    assert "digits" in json.dumps(listed)
    asked = say("sweeper", "explore", "--list", "--json", *runs)
    assert [name for name in files(ROOT / "conf" / "question") if f'"{Path(name).stem}"' not in asked] == []

    ran = json.loads(say("sweeper", "run", "dataset=digits", "steps=10", "--json", *runs))
    assert "error" not in ran
    assert (tmp_path / "runs" / "mlflow.db").stat().st_size
    assert list(elsewhere.iterdir()) == []
