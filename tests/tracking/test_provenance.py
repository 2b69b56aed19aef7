from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from sweeper.tracking.describe import command_line, git_state, provenance, versions


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.txt").write_text("a")
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "commit", "-qm", "a")
    return tmp_path


def test_the_commit_of_a_checkout(checkout: Path) -> None:
    below = checkout / "deeper"
    below.mkdir()
    (below / "new.txt").write_text("not tracked")
    assert git_state(below) == {"mlflow.source.git.commit": git(checkout, "rev-parse", "HEAD"), "git.dirty": "false"}


def test_a_changed_file_shows(checkout: Path) -> None:
    (checkout / "a.txt").write_text("b")
    assert git_state(checkout)["git.dirty"] == "true"


def test_nothing_runs_that_a_checkout_names(checkout: Path) -> None:
    mark = checkout.parent / f"{checkout.name}-mark"
    program = checkout / ".git" / "program"
    program.write_text(f"#!/bin/sh\necho $0 >> {mark}\ncat\n")
    program.chmod(0o755)
    for hook in (checkout / ".git" / "hooks" / name for name in ("post-index-change", "fsmonitor-watchman")):
        hook.write_text(program.read_text())
        hook.chmod(0o755)
    (checkout / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    for key in ("filter.evil.clean", "filter.evil.process", "core.fsmonitor", "core.pager", "diff.external"):
        git(checkout, "config", key, str(program))
    git(checkout, "config", "filter.evil.required", "true")
    mark.unlink(missing_ok=True)
    (checkout / "a.txt").write_text("b")  # of the same length, so that its content is looked at
    assert git_state(checkout)["git.dirty"] == "true"
    assert not mark.exists(), mark.read_text()
    subprocess.run(["git", "status"], cwd=checkout, capture_output=True, check=False)
    assert mark.exists()


def test_no_checkout_no_commit(tmp_path: Path) -> None:
    assert git_state(tmp_path) == {}
    git(tmp_path, "init", "-q")
    assert git_state(tmp_path) == {}


def test_no_git_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_state(checkout) == {}


def test_the_command_line_is_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/sweeper", "tune", "--storage", "postgresql://me:pw123456@h/db"])
    assert command_line() == "sweeper tune --storage postgresql://***@h/db"
    monkeypatch.setattr(sys, "argv", ["/bin/sweeper", "run", "hidden=[100,30]"])
    assert command_line() == "sweeper run 'hidden=[100,30]'"  # as a shell takes it


def test_versions_need_no_import() -> None:
    code = (
        "import sys, sweeper.tracking.describe as p; found = p.provenance();"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'optuna', 'pandas', 'numpy', 'hydra'} & set(sys.modules);"
        "print(found['version.tensorflow'], sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1) == [versions()["tensorflow"], "[]\n"]


def test_facts_of_this_process() -> None:
    found = provenance()
    assert found["version.numpy"] == metadata.version("numpy")
    assert int(found["cpus"]) >= 1
    assert all(isinstance(value, str) for value in found.values())
