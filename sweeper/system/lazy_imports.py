"""Leave out what a library imports for other uses than ours: some of it takes a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder


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
class _Without(MetaPathFinder):
    packages: Sequence[str]
    thread: int

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if name in self.packages and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"no module named {name!r}, as nobody needs it here", name=name)
