"""Who ran what, where, with which code and which versions; for the tags of a run."""

from __future__ import annotations

import getpass
import os
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from sweeper.system.addresses import redact
from sweeper.system.process import this_process

_LIBRARIES = (
    "sweeper", "tensorflow", "tensorflow-cpu", "keras", "numpy", "optuna", "hydra-core", "mlflow", "pandas",
)  # fmt: skip


@cache
def provenance() -> dict[str, str]:
    """Facts of this process as tags, found once: code, command line, user, machine, versions."""
    process = this_process()
    return {
        "mlflow.user": _user(),
        "mlflow.source.name": command_line(),
        "mlflow.source.type": "LOCAL",
        **git_state(Path.cwd()),
        "host": process.host,
        "pid": str(process.pid),
        "process_start": process.start,
        "platform": platform.platform(),
        "cpus": str(os.cpu_count() or ""),
        "python": platform.python_version(),
        **{f"version.{name}": version for name, version in versions().items()},
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that decide about results, read from their metadata: nothing is imported."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def command_line() -> str:
    """This process's command line, secrets starred out; long ones are cut."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return redact(" ".join([program, *sys.argv[1:]]))[:2000]


def git_state(folder: Path) -> dict[str, str]:
    """``mlflow.source.git.commit`` of the checkout that holds the folder, and whether files differ from it.

    Empty outside a checkout, or without git.
    """
    status = ["status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=all"]
    lines = _git(folder, [*_without_programs(folder), *status]).splitlines()
    commits = [line.split()[2] for line in lines if line.startswith("# branch.oid ")]
    if not commits or commits[0] == "(initial)":
        return {}
    dirty = any(not line.startswith("#") for line in lines)
    return {"mlflow.source.git.commit": commits[0], "git.dirty": str(dirty).lower()}


def _without_programs(folder: Path) -> list[str]:
    """Options that keep git from starting what a checkout's own configuration names: a monitor, hooks, filters."""
    names = _git(folder, ["config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$"])
    filters = [part for name in names.split("\0") if name for part in ("-c", f"{name}=")]
    return ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *filters]


def _git(folder: Path, arguments: list[str]) -> str:
    """What git says; nothing where it fails, or is not there."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if done.returncode else done.stdout


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        return str(os.getuid())
