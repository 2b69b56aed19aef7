"""The port for the files that a driver and its workers exchange: models, and checkpoints to go on from.

What crosses to a worker are names. Where the file of a name lies, each side asks its end of the port.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path


class Files(ABC):
    """Files by name, for a driver and for workers that may be elsewhere. It travels to the workers by pickle."""

    @abstractmethod
    def fetch(self, name: str) -> Path:
        """Where to read the file of that name on this machine, brought here if need be; it may not exist."""

    @abstractmethod
    def draft(self, name: str) -> Path:
        """Where to write the file, or the folder, of that name on this machine."""

    @abstractmethod
    def publish(self, name: str) -> None:
        """Let the other side have what was written as that name; nothing happens where nothing was."""

    @abstractmethod
    def name(self, path: Path) -> str:
        """The name of a file below what ``draft`` gave."""


class LocalFiles(Files):
    """One file system for all: a name is a path below a folder.

    Args:
        root: the folder; names are paths as they stand where it is empty.
    """

    def __init__(self, root: Path | str = "") -> None:
        self._root = Path(root).absolute() if root else Path()

    def fetch(self, name: str) -> Path:
        """The file itself."""
        return self._root / name

    def draft(self, name: str) -> Path:
        """The file itself."""
        return self._root / name

    def publish(self, name: str) -> None:
        """Nothing to do: everybody sees the file."""

    def name(self, path: Path) -> str:
        """The path below the folder, or the path itself where it lies elsewhere."""
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)


HERE = LocalFiles()
"""Names are paths: for whoever gives a worker of this machine the path of a file."""
