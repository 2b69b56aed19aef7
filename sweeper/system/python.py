"""What Python imports: not what nobody needs, and nothing that lies in the working directory.

Some of what a library imports for other uses than ours takes a second. ``python -m`` puts the working directory first
on the import path: a file there that is called ``json.py`` would run.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_own = False


def own_process(*, own: bool = True) -> None:
    """Say whether this process is a command of sweeper's alone, and needs no more of a library than that uses."""
    global _own  # noqa: PLW0603 - it is the process's
    _own = own


@contextmanager
def spared(packages: Sequence[str]) -> Iterator[None]:
    """As ``without``, but in a process of sweeper's own: in another, who else imports the library may want them."""
    with without(packages if _own else ()):
        yield


@contextmanager
def without(packages: Sequence[str]) -> Iterator[None]:
    """Have this thread's imports find some packages missing, where they are not loaded already."""
    finder = _Without(packages, threading.get_ident())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@dataclass(frozen=True)
class _Without:
    # No subclass of MetaPathFinder: that one's module imports a dozen others, in every start of a command.
    packages: Sequence[str]
    thread: int

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if name in self.packages and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"no module named {name!r}, as nobody needs it here", name=name)


_HOME = str(Path(__file__).parents[2])
"""The folder that sweeper is imported from."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module; to be started with ``safe_environment``."""
    return [sys.executable, "-P", "-m", module, *arguments]


def interpreter() -> str:
    """The file of the Python that runs this, through all links."""
    return str(Path(sys.executable).resolve())


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
