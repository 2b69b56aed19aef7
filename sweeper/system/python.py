"""Python started as a process of its own, which imports nothing that lies in the working directory.

``python -m`` puts the working directory first on the import path: a file there that is called ``json.py`` would run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_HOME = str(Path(__file__).parents[2])
"""The folder that sweeper is imported from."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module; to be started with ``safe_environment``."""
    return [sys.executable, "-P", "-m", module, *arguments]


def safe_environment() -> dict[str, str]:
    """A copy of the environment in which Python, and Python started by it, leave the working directory out."""
    kept = _without_here(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if _HOME not in sys.path[1:] and _HOME not in kept:  # it is not installed: only the working directory led to it
        kept.append(_HOME)
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(kept)}
    return environment if kept else {key: value for key, value in environment.items() if key != "PYTHONPATH"}


def import_path() -> list[str]:
    """Where this process imports from, without the working directory; it stays where sweeper itself lies in it."""
    return _without_here(sys.path)


def _without_here(entries: list[str]) -> list[str]:
    try:
        here = str(Path.cwd())
    except FileNotFoundError:  # it was deleted
        here = ""
    # realpath leaves the archives among the entries as they are; an empty one, as "a::b" has, is the working directory.
    return [entry for entry in entries if entry and (os.path.realpath(entry) != here or here == _HOME)]
