"""The renaming of a study as an intention on disk: whoever finds one that was interrupted says how it is completed.

A study's name is in several places that cannot be changed at once. The intention is written before the first of them
changes and goes after the last, and no command opens a study that has one. So a driver that begins meanwhile and the
renaming cannot miss each other: each writes, a lease or an intention, before it looks for what the other has written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sweeper.errors import InputError
from sweeper.system.files import write_whole

FOLDER = "renaming"
"""Folder of the runs folder with one file for each renaming that is under way, or was interrupted."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """A study that gets another name.

    Attributes:
        old, new: its names.
        pairs: those of all studies that go with it, itself the first.
    """

    old: str
    new: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def command(self) -> str:
        """The command that completes it."""
        return f"sweeper rename {self.old} {self.new}"


_OWN: set[str] = set()
"""The names that this process is changing: it may open these studies."""


def under_way(runs: Path) -> list[Renaming]:
    """The renamings that are under way, or were interrupted."""
    return [_read(path) for path in sorted((runs / FOLDER).glob("*.json"))]


def check_settled(runs: Path, study: str) -> None:
    """Make sure that a study is not on its way from one name to another.

    Raises:
        InputError: it is.
    """
    for found in under_way(runs):
        names = {name for pair in found.pairs for name in pair}
        if study in names and not names & _OWN:
            raise InputError(
                f"the study {found.old} is being renamed to {found.new}, or that was interrupted",
                hint=f"{found.command} completes it",
                key="study",
            )


@contextmanager
def intending(runs: Path, what: Renaming) -> Iterator[None]:
    """Keep an intention for as long as the block lasts; where it fails or is killed, until the same is completed."""
    path = _file(runs, what)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(what)).encode())
    names = {name for pair in what.pairs for name in pair}
    _OWN.update(names)
    try:
        yield
        forget(runs, what)
    finally:
        _OWN.difference_update(names)


def forget(runs: Path, what: Renaming) -> None:
    """Take an intention back."""
    path = _file(runs, what)
    path.unlink(missing_ok=True)
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _file(runs: Path, what: Renaming) -> Path:
    return runs / FOLDER / f"{what.old}.json"


def _read(path: Path) -> Renaming:
    values = json.loads(path.read_text(encoding="utf-8"))
    return Renaming(values["old"], values["new"], tuple((old, new) for old, new in values["pairs"]))
